//! A small disk of its own below a house, which a test can fill, make read-only and mend.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory on a disk of its own, or, where mounting is not permitted, one that is closed and opened by its mode.
pub struct Disk {
    path: PathBuf,
    is_mounted: bool,
}

/// Whether this process is root: modes do not stop it, and the daemon must run as somebody else to meet them.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn run(program: &str, args: &[&str]) -> bool {
    let quiet = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

impl Disk {
    /// A disk of that size at a directory, which is made.
    pub fn mounted_at(path: PathBuf, mebibytes: u32) -> Disk {
        fs::create_dir_all(&path).unwrap();
        let size = format!("size={mebibytes}m,mode=0777");
        let is_mounted = run("mount", &["-t", "tmpfs", "-o", &size, "edigate-test", path.to_str().unwrap()]);
        if !is_mounted {
            eprintln!(
                "NOT AS INTENDED: mounting is not permitted here (run as root); instead of a full disk the test meets {} \
                 without permission to write",
                path.display()
            );
            assert!(
                !is_root(),
                "root that may not mount: modes do not stop root, so there is no way to make this fault; run as another user"
            );
        }
        Disk { path, is_mounted }
    }

    /// The code that tells of this disk being full, where a fault without room has another code than one without permission.
    pub fn code<'c>(&self, without_room: &'c str, without_permission: &'c str) -> &'c str {
        if self.is_mounted { without_room } else { without_permission }
    }

    /// Leaves no room for a single byte.
    pub fn fill(&self) {
        if !self.is_mounted {
            return self.close_by_mode(true);
        }
        let mut filler = fs::File::options().create(true).append(true).open(self.path.join(".filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes the room again.
    pub fn free(&self) {
        if !self.is_mounted {
            return self.close_by_mode(false);
        }
        fs::remove_file(self.path.join(".filler")).unwrap();
    }

    /// Turns it read-only, as a kernel does after an error of the disk.
    pub fn make_read_only(&self) {
        match self.is_mounted {
            true => self.remount("ro"),
            false => self.close_by_mode(true),
        }
    }

    /// Makes it writable again.
    pub fn make_writable(&self) {
        match self.is_mounted {
            true => self.remount("rw"),
            false => self.close_by_mode(false),
        }
    }

    fn remount(&self, how: &str) {
        let path = self.path.to_str().unwrap();
        assert!(run("mount", &["-o", &format!("remount,{how}"), path]), "cannot remount {path} {how}");
    }

    /// Closes or opens everything there by its mode.
    fn close_by_mode(&self, is_closed: bool) {
        let (of_directories, of_files) = if is_closed { (0o555, 0o444) } else { (0o755, 0o644) };
        set_modes(&self.path, of_directories, of_files);
        if is_closed {
            // A file that is open stays writable, so only the daemon's next proof meets this; the last one holds a second.
            std::thread::sleep(std::time::Duration::from_millis(1100));
        }
    }
}

fn set_modes(path: &Path, of_directories: u32, of_files: u32) {
    let mode = if path.is_dir() { of_directories } else { of_files };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            set_modes(&entry.unwrap().path(), of_directories, of_files);
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            // Lazily: the daemon of a test that failed may still have files open there.
            run("umount", &["-l", self.path.to_str().unwrap_or_default()]);
        } else {
            self.close_by_mode(false);
        }
    }
}

//! Colour for a terminal, none in a pipe; meaning never hangs on it.

use std::io::IsTerminal;

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    coloured: bool,
}

impl Paint {
    /// Colour when standard output is a terminal and `NO_COLOR` is not set (<https://no-color.org>).
    pub fn for_stdout() -> Paint {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint { coloured: !refused && std::io::stdout().is_terminal() }
    }

    /// Never any colour.
    pub fn plain() -> Paint {
        Paint { coloured: false }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// For headings.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// For what matters less.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// For what is well.
    pub fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// For what needs a look.
    pub fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// For what needs a person.
    pub fn red(self, text: &str) -> String {
        self.wrap("1;31", text)
    }
}

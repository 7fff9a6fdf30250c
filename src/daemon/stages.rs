//! The stages at work: tasks that end when they are told to and not before. One that breaks off is missed by name.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tracing::error;

/// Which stages broke off.
#[derive(Debug, Default)]
pub struct Stages {
    missed: Mutex<Vec<&'static str>>,
}

impl Stages {
    /// Those that broke off.
    pub fn missed(&self) -> Vec<&'static str> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn miss(&self, name: &'static str) {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    }
}

/// Works as a stage of that name, and is missed if it ends, however it ends, before it was told to.
pub fn stage<W>(
    stages: &Arc<Stages>,
    name: &'static str,
    stop: &CancellationToken,
    work: W,
) -> impl Future<Output = ()> + use<W>
where
    W: Future<Output = ()>,
{
    let watch = Watch { stages: Arc::clone(stages), name, stop: stop.clone() };
    async move {
        let _watch = watch;
        work.await;
    }
}

/// Looks at the end of a stage, also where that is a panic.
struct Watch {
    stages: Arc<Stages>,
    name: &'static str,
    stop: CancellationToken,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.stop.is_cancelled() {
            error!(stage = self.name, "a stage broke off; restart the daemon, nothing is lost");
            self.stages.miss(self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stage_that_breaks_off_is_missed_and_one_that_was_told_to_end_is_not() {
        let (stages, stop) = (Arc::<Stages>::default(), CancellationToken::new());
        let broken = tokio::spawn(stage(&stages, "intake", &stop, async { panic!("a fault of ours") }));
        assert!(broken.await.is_err());
        stage(&stages, "outbox", &stop, async {}).await;
        let waiting = stop.clone();
        let told = tokio::spawn(stage(&stages, "books", &stop, async move { waiting.cancelled().await }));
        stop.cancel();
        told.await.unwrap();
        assert_eq!(stages.missed(), ["intake", "outbox"]);
    }
}

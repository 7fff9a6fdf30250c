//! Buttons of deliveries and files: the remedies of the command line, with the name of whoever pressed them and their reason.

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::redirect;
use super::sheet::path;
use crate::ledger::delivery::Delivery;
use crate::ledger::remedy::{By, Refusal};
use crate::ledger::transmission::Transmission;
use crate::ledger::{Error, Id, Transaction};
use crate::web::answer::Answer;
use jiff::Timestamp;

/// Sends now what waits or is parked.
pub(super) fn release(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    of_delivery(asking, form, |tx, id, by, now| tx.release(id, by, now))
}

/// Sends the same bytes once more.
pub(super) fn resend(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    of_delivery(asking, form, |tx, id, by, now| tx.resend(id, by, now))
}

/// Sends the same documents in a new interchange, and leads to the delivery of that.
pub(super) fn resend_anew(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let id = asking.id();
    let delivery = asking.read(|tx| tx.delivery(&id))?;
    asking.see(&delivery.partner)?;
    let by = by(asking, form)?;
    let anew = asking.host().send_anew(&id, &by)?.map_err(Fault::Refused)?;
    Ok(redirect(&path("deliveries", anew.as_str())))
}

/// Gives up what is not sent.
pub(super) fn waive(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    of_delivery(asking, form, |tx, id, by, now| tx.waive(id, by, now))
}

type OfDelivery = fn(&mut Transaction<'_>, &Id, &By, Timestamp) -> Result<Delivery, Error>;

fn of_delivery(asking: &Asking<'_>, form: &Form, remedy: OfDelivery) -> Result<Answer, Fault> {
    let (id, now) = (asking.id(), asking.now);
    let delivery = asking.read(|tx| tx.delivery(&id))?;
    asking.see(&delivery.partner)?;
    let by = by(asking, form)?;
    let place = path("deliveries", id.as_str());
    asking.write(move |tx| remedy(tx, &id, &by, now))?;
    // What is due now is sent now.
    asking.host().captured();
    Ok(redirect(&place))
}

/// Processes a file again.
pub(super) fn replay(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    of_file(asking, form, |tx, id, by, now| tx.replay(id, by, now))
}

/// Takes a file as it is.
pub(super) fn accept(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    of_file(asking, form, |tx, id, by, now| tx.accept(id, by, now))
}

type OfFile = fn(&mut Transaction<'_>, &Id, &By, Timestamp) -> Result<Result<Transmission, Refusal>, Error>;

fn of_file(asking: &Asking<'_>, form: &Form, remedy: OfFile) -> Result<Answer, Fault> {
    let (id, now) = (asking.id(), asking.now);
    let file = asking.read(|tx| tx.transmission(&id))?;
    asking.see(&file.partner)?;
    let by = by(asking, form)?;
    let place = path("files", id.as_str());
    asking.write(move |tx| remedy(tx, &id, &by, now))?.map_err(|refusal| Fault::Refused(refusal.to_string()))?;
    asking.host().captured();
    Ok(redirect(&place))
}

fn by(asking: &Asking<'_>, form: &Form) -> Result<By, Fault> {
    let (who, why) = asking.acts(form)?;
    Ok(By { who, why })
}

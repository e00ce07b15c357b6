//! Whether a push was taken (`ConfirmBOD`, contract store section 13.2).

use gateway_model::Record;

use crate::frame;
use crate::refusal;
use crate::values::is_true;
use crate::views::Views;

/// Confirms that a push was taken.
#[must_use]
pub fn success<'a>(views: &Views, request: Option<&Record<'a>>) -> Record<'a> {
    let view = &views.confirmation;
    let mut confirmation = view.shape.empty();
    confirmation.set_text(view.succeeded, "true");
    if let Some(request) = request {
        frame::answers(views, &mut confirmation, request);
    }
    confirmation
}

/// Says that a push was refused, and why.
#[must_use]
pub fn failure<'a>(views: &Views, request: Option<&Record<'a>>, reason: Record<'a>) -> Record<'a> {
    let view = &views.confirmation;
    let mut confirmation = refusal::answer(views, view.shape.kind(), request, reason);
    confirmation.set_text(view.succeeded, "false");
    confirmation
}

/// What a store's confirmation comes to: its refusal, if it refused. One that says neither is believed to be a success
/// only when it carries no refusal.
///
/// # Errors
///
/// The refusal as the store wrote it; `None` when it only said that it failed.
pub fn outcome<'r, 'a>(views: &Views, confirmation: &'r Record<'a>) -> Result<(), Option<&'r Record<'a>>> {
    let view = &views.confirmation;
    let said = !confirmation.get(view.succeeded).is_absent();
    match confirmation.record(view.refusal) {
        Some(refusal) => Err(Some(refusal)),
        None if said && !is_true(confirmation, view.succeeded) => Err(None),
        None => Ok(()),
    }
}

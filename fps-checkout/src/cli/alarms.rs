//! What a person has to look at, and what the person decides.

use super::Ending;
use super::arguments::{CloseAlarm, DropNews, News, Resolve};
use super::output::{Cell, Output, spinner};
use super::show::changed;
use crate::Shop;
use crate::error::Error;
use crate::order::{EffectId, Order, State, Subject};
use crate::storage::BoxError;

pub(super) async fn alarms(shop: &Shop, output: &mut Output) -> Result<Ending, BoxError> {
    let shown = spinner("orders looked at");
    let mut rows = Vec::new();
    let mut orders = shop.walk(None);
    loop {
        match orders.next().await {
            Ok(Some(order)) => rows.extend(concerns(&order)),
            Ok(None) => break,
            // One that cannot be read concerns a person too, and hides none of the others.
            Err(Error::Record(error)) => rows.push(unreadable(&error)),
            Err(other) => return Err(other.into()),
        }
        shown.inc(1);
    }
    let mut tokens = shop.walk_tokens(None);
    loop {
        match tokens.next().await {
            Ok(Some(token)) => rows.extend(concerns(token.document())),
            Ok(None) => break,
            Err(Error::Record(error)) => rows.push(unreadable(&error)),
            Err(other) => return Err(other.into()),
        }
        shown.inc(1);
    }
    shown.finish_and_clear();
    let ending = if rows.is_empty() { Ending::Done } else { Ending::Found };
    if rows.is_empty() && !output.json {
        output.line("nothing needs a person")?;
    } else {
        output.table(&["order", "state", "since", "what", "then"], rows)?;
    }
    Ok(ending)
}

pub(super) async fn resolve(
    shop: &Shop,
    decision: &Resolve,
    output: &mut Output,
) -> Result<Ending, BoxError> {
    let Resolve { order, to, evidence, person } = decision;
    changed(&shop.resolve(order, *to, &person.name()?, evidence).await?, output)
}

pub(super) async fn close(
    shop: &Shop,
    decision: &CloseAlarm,
    output: &mut Output,
) -> Result<Ending, BoxError> {
    let CloseAlarm { order, alarm, evidence, person } = decision;
    changed(&shop.close_alarm(order, *alarm, &person.name()?, evidence).await?, output)
}

pub(super) async fn tell(shop: &Shop, news: &News, output: &mut Output) -> Result<Ending, BoxError> {
    let effect = effect(shop, news).await?;
    let document = match &news.of {
        Subject::Order(order) => shop.tell_again(order, &effect, &news.handler).await?,
        Subject::Token(name) => shop.tell_token_again(name, &effect, &news.handler).await?.document().clone(),
    };
    let waits = document.outbox().iter().filter(|one| one.id == effect).flat_map(|one| &one.waiting);
    let unheard =
        waits.filter(|delivery| delivery.handler == news.handler).find_map(|one| one.problem.clone());
    match unheard {
        Some(problem) => Err(format!("`{}` still cannot hear it: {problem}", news.handler).into()),
        None => changed(&document, output),
    }
}

pub(super) async fn drop(shop: &Shop, decision: &DropNews, output: &mut Output) -> Result<Ending, BoxError> {
    let DropNews { news, reason, person } = decision;
    let effect = effect(shop, news).await?;
    let by = person.name()?;
    let document = match &news.of {
        Subject::Order(order) => shop.drop_news(order, &effect, &news.handler, &by, reason).await?,
        Subject::Token(name) => {
            shop.drop_token_news(name, &effect, &news.handler, &by, reason).await?.document().clone()
        }
    };
    changed(&document, output)
}

/// The order's news of that name that the handler waits for.
async fn effect(shop: &Shop, news: &News) -> Result<EffectId, BoxError> {
    let document = match &news.of {
        Subject::Order(order) => shop.order(order).await?,
        Subject::Token(name) => shop.token(name).await?.document().clone(),
    };
    let waiting =
        || document.outbox().iter().flat_map(|effect| effect.waiting.iter().map(move |one| (effect, one)));
    let found =
        waiting().find(|(effect, one)| effect.id.as_str() == news.effect && one.handler == news.handler);
    if let Some((effect, _)) = found {
        return Ok(effect.id.clone());
    }
    let all: Vec<String> =
        waiting().map(|(effect, one)| format!("{} for `{}`", effect.id, one.handler)).collect();
    let all = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
    Err(format!("the handler `{}` does not wait for {}; waiting are: {all}", news.handler, news.effect)
        .into())
}

fn concerns(order: &Order) -> Vec<Vec<Cell>> {
    let id = order.label();
    let row = |since: String, what: String, then: String| {
        vec![
            Cell::text(&*id),
            Cell::state(order.state()),
            Cell::text(since),
            Cell::text(what),
            Cell::text(then),
        ]
    };
    let in_review = order.state() == State::Review;
    let open = order.machine().alarms().iter().enumerate().filter(|(_, alarm)| alarm.is_open());
    let alarms = open.map(|(number, alarm)| {
        let then = if in_review {
            format!("resolve {id} --to STATE --evidence TEXT")
        } else {
            format!("close-alarm {id} {number} --evidence TEXT")
        };
        row(alarm.at.to_string(), alarm.what.clone(), then)
    });
    let stuck = order.stuck().map(|(effect, delivery)| {
        let problem = delivery.problem.as_deref().unwrap_or("no reason given");
        let what = format!("`{}` could not hear {}: {problem}", delivery.handler, effect.news);
        row(effect.at.to_string(), what, format!("tell {id} {} {}, or drop", effect.id, delivery.handler))
    });
    alarms.chain(stuck).collect()
}

fn unreadable(error: &crate::order::RecordError) -> Vec<Cell> {
    vec![
        Cell::optional(None::<String>),
        Cell::optional(None::<String>),
        Cell::optional(None::<String>),
        Cell::text(error.to_string()),
        Cell::text("look at the record"),
    ]
}

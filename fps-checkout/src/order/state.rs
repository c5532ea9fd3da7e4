//! Where an order can be, and how it gets from one place to another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an order is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// Frozen, nothing more. An order never rests here.
    #[default]
    Created,
    /// The buyer has the link.
    AwaitingBuyer,
    /// The buyer approved; the shop charges later.
    TokenHeld,
    /// A Pay or Reserve is planned or sent, its outcome not known.
    Charging,
    /// The service accepted the payment and has not finished it.
    Pending,
    /// The money is held for the shop, for seven days.
    Reserved,
    /// A Settle is planned or sent, its outcome not known.
    Settling,
    /// The money moved. Never left.
    Paid,
    /// The pages or the service refused; a new attempt may begin.
    Declined,
    /// The buyer left the pages; a new attempt may begin.
    Abandoned,
    /// The buyer never came back; a new attempt may begin.
    Expired,
    /// A Cancel is planned or sent, its outcome not known.
    Cancelling,
    /// Nothing will be paid; a new attempt may begin.
    Cancelled,
    /// The evidence contradicts itself; a person has to decide.
    Review,
}

impl State {
    /// All states.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::AwaitingBuyer,
        Self::TokenHeld,
        Self::Charging,
        Self::Pending,
        Self::Reserved,
        Self::Settling,
        Self::Paid,
        Self::Declined,
        Self::Abandoned,
        Self::Expired,
        Self::Cancelling,
        Self::Cancelled,
        Self::Review,
    ];

    /// The state's name, as stores and pages show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::AwaitingBuyer => "AwaitingBuyer",
            Self::TokenHeld => "TokenHeld",
            Self::Charging => "Charging",
            Self::Pending => "Pending",
            Self::Reserved => "Reserved",
            Self::Settling => "Settling",
            Self::Paid => "Paid",
            Self::Declined => "Declined",
            Self::Abandoned => "Abandoned",
            Self::Expired => "Expired",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
            Self::Review => "Review",
        }
    }

    /// Whether a new attempt may begin from here.
    #[must_use]
    pub const fn allows_new_attempt(self) -> bool {
        matches!(self, Self::Declined | Self::Abandoned | Self::Expired | Self::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What moves an order: the left column of the table's edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trigger {
    /// The shop begins an attempt.
    Begin,
    /// The buyer approved, by a return or found by a look-up.
    Approve,
    /// The buyer left the pages (A).
    Leave,
    /// The pages refused (PE, NP, NM, CE, SE).
    Refuse,
    /// The last look-up answered that there is no token, or a held token grew too old.
    Expire,
    /// A Pay or Reserve is planned.
    PlanCharge,
    /// A Settle is planned.
    PlanSettle,
    /// A Cancel is planned.
    PlanCancel,
    /// The service said success.
    Succeed,
    /// The service said pending.
    Pend,
    /// The service said reserved.
    Hold,
    /// The service said failure, or refused finally.
    Fail,
    /// The service said cancelled, or the shop cancelled before any charge.
    Cancel,
    /// Answers contradict each other, or the service's word can no longer be had.
    Doubt,
    /// A person resolved a review.
    Resolve,
}

/// One edge of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: State,
    /// What moves along it.
    pub on: Trigger,
    /// Where it ends.
    pub to: State,
}

/// Every edge of the machine: the code moves along these and no others, the diagram is drawn from them, and the tests
/// enumerate them.
pub const EDGES: &[Edge] = {
    use State::{
        Abandoned, AwaitingBuyer, Cancelled, Cancelling, Charging, Created, Declined, Expired, Paid, Pending,
        Reserved, Review, Settling, TokenHeld,
    };
    use Trigger::{
        Approve, Begin, Cancel, Doubt, Expire, Fail, Hold, Leave, Pend, PlanCancel, PlanCharge, PlanSettle,
        Refuse, Resolve, Succeed,
    };
    &[
        edge(Created, Begin, AwaitingBuyer),
        edge(AwaitingBuyer, Approve, TokenHeld),
        edge(AwaitingBuyer, Leave, Abandoned),
        edge(AwaitingBuyer, Refuse, Declined),
        edge(AwaitingBuyer, Expire, Expired),
        edge(AwaitingBuyer, Cancel, Cancelled),
        edge(Abandoned, Approve, TokenHeld),
        edge(Expired, Approve, TokenHeld),
        edge(Declined, Approve, TokenHeld),
        edge(TokenHeld, PlanCharge, Charging),
        edge(TokenHeld, Expire, Expired),
        edge(TokenHeld, Cancel, Cancelled),
        edge(Charging, Succeed, Paid),
        edge(Charging, Pend, Pending),
        edge(Charging, Hold, Reserved),
        edge(Charging, Fail, Declined),
        edge(Charging, Cancel, Cancelled),
        edge(Charging, Doubt, Review),
        edge(Pending, Succeed, Paid),
        edge(Pending, Hold, Reserved),
        edge(Pending, Fail, Declined),
        edge(Pending, Cancel, Cancelled),
        edge(Pending, Doubt, Review),
        edge(Reserved, PlanSettle, Settling),
        edge(Reserved, PlanCancel, Cancelling),
        edge(Reserved, Cancel, Cancelled),
        edge(Reserved, Fail, Declined),
        edge(Reserved, Doubt, Review),
        edge(Settling, Succeed, Paid),
        edge(Settling, Pend, Pending),
        edge(Settling, Hold, Reserved),
        edge(Settling, Fail, Declined),
        edge(Settling, Cancel, Cancelled),
        edge(Settling, Doubt, Review),
        edge(Cancelling, Cancel, Cancelled),
        edge(Cancelling, Hold, Reserved),
        edge(Cancelling, Succeed, Paid),
        edge(Cancelling, Fail, Declined),
        edge(Cancelling, Doubt, Review),
        edge(Declined, Begin, AwaitingBuyer),
        edge(Abandoned, Begin, AwaitingBuyer),
        edge(Expired, Begin, AwaitingBuyer),
        edge(Cancelled, Begin, AwaitingBuyer),
        edge(Declined, Doubt, Review),
        edge(Cancelled, Doubt, Review),
        edge(AwaitingBuyer, Doubt, Review),
        edge(TokenHeld, Doubt, Review),
        edge(Abandoned, Doubt, Review),
        edge(Expired, Doubt, Review),
        edge(Review, Resolve, Paid),
        edge(Review, Resolve, Declined),
        edge(Review, Resolve, Cancelled),
    ]
};

// Paid is never left: a table that says otherwise does not compile.
const _: () = {
    let mut rest = EDGES;
    while let [edge, others @ ..] = rest {
        assert!(!matches!(edge.from, State::Paid), "Paid is never left");
        rest = others;
    }
};

/// Whether the machine has that edge.
#[must_use]
pub fn has_edge(from: State, on: Trigger, to: State) -> bool {
    EDGES.contains(&edge(from, on, to))
}

/// The machine as a diagram in Mermaid's language, drawn from [`EDGES`].
#[must_use]
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> Created\n");
    for Edge { from, on, to } in EDGES {
        text.push_str(&format!("    {from} --> {to}: {on:?}\n"));
    }
    text
}

const fn edge(from: State, on: Trigger, to: State) -> Edge {
    Edge { from, on, to }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use expect_test::expect_file;

    use super::*;

    /// `UPDATE_EXPECT=1 cargo test -p fps-checkout --lib documents` prints the table into them anew.
    #[test]
    fn the_documents_show_this_very_table() {
        let drawing = format!("```mermaid\n{}```\n", diagram());
        for (document, shown) in [("src/docs/orders.md", by_state()), ("../README.md", drawing)] {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
            let text = fs::read_to_string(&file).unwrap();
            let parts =
                text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
            let (before, after) = parts.unwrap_or_else(|| panic!("{document} lacks {BEGIN} or {END}"));
            expect_file![file].assert_eq(&format!("{before}{BEGIN}\n{shown}{END}{after}"));
        }
    }

    /// A line for each state, with the ways out of it.
    fn by_state() -> String {
        let ways = |state| {
            let out = EDGES.iter().filter(|edge| edge.from == state);
            let ways: Vec<_> = out.map(|Edge { on, to, .. }| format!("{on:?} → `{to}`")).collect();
            if ways.is_empty() { "nothing, ever".to_owned() } else { ways.join(", ") }
        };
        let lines = State::ALL.iter().map(|state| format!("| `{state}` | {} |\n", ways(*state)));
        std::iter::once("\n| state | ways out |\n|---|---|\n".to_owned()).chain(lines).collect()
    }

    #[test]
    fn no_edge_stands_twice() {
        for (at, edge) in EDGES.iter().enumerate() {
            assert!(!EDGES[..at].contains(edge), "{edge:?}");
            assert!(has_edge(edge.from, edge.on, edge.to), "{edge:?}");
        }
        assert!(!has_edge(State::Paid, Trigger::Cancel, State::Cancelled));
    }

    #[test]
    fn every_state_can_be_reached_and_every_waiting_one_left() {
        for state in State::ALL {
            let reached = state == State::Created || EDGES.iter().any(|edge| edge.to == state);
            let left = state == State::Paid || EDGES.iter().any(|edge| edge.from == state);
            assert!(reached && left, "{state}");
        }
    }

    const BEGIN: &str =
        "<!-- printed from EDGES: UPDATE_EXPECT=1 cargo test -p fps-checkout --lib documents -->";
    const END: &str = "<!-- end of what is printed -->";
}

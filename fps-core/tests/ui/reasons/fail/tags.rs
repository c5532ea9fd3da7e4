use fps_core::Checkout;

#[derive(Checkout)]
enum Tags {
    #[checkout(item_total = "1.00", payment_reason = "<p>{0}</p>")]
    Ignored(String),
    #[checkout(item_total = "1.00", payment_reason = "<a href='/'>{0}</a>")]
    Link(String),
    #[checkout(item_total = "1.00", payment_reason = "<b class='loud'>{0}</b>")]
    Attributes(String),
    #[checkout(item_total = "1.00", payment_reason = "<storng>{0}</strong>")]
    Mistyped(String),
    #[checkout(item_total = "1.00", payment_reason = "<{0}>")]
    FromAValue(String),
    #[checkout(item_total = "1.00", payment_reason = "<b {0}")]
    NotClosed(String),
    #[checkout(item_total = "1.00", payment_reason = "<!-- cheap --> {0}")]
    Comment(String),
}

fn main() {}

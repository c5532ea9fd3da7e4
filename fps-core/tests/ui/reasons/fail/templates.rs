use fps_core::Checkout;

#[derive(Checkout)]
#[checkout(item_total = "1.00", payment_reason = "{titel} by {artist}, {title:.max$}")]
struct UnknownField {
    title: String,
    name: String,
}

#[derive(Checkout)]
#[checkout(item_total = "1.00", payment_reason = "{0}")]
struct NoFields;

#[derive(Checkout)]
#[checkout(payment_reason = "{title}")]
enum InOneVariant {
    #[checkout(item_total = "1.00")]
    Song { title: String },
    #[checkout(item_total = "1.00")]
    Ticket { seat: u8 },
}

#[derive(Checkout)]
enum Braces {
    #[checkout(item_total = "1.00", payment_reason = "{title")]
    NotClosed { title: String },
    #[checkout(item_total = "1.00", payment_reason = "title}")]
    NotOpened { title: String },
    #[checkout(item_total = "1.00", payment_reason = "{} {a b} {title(1)} {title:.*} {title:.1$}")]
    NoNames { title: String },
}

#[derive(Checkout)]
enum Empty {
    #[checkout(item_total = "1.00", payment_reason = "")]
    Nothing,
    #[checkout(item_total = "1.00", payment_reason = " <br> ")]
    OnlyTags,
}

fn main() {}

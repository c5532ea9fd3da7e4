//! What the service tells of the purchase afterwards, by the operations that the guide of 2007 names.

use fps_checkout::fps_core::TransactionId;
use fps_checkout::fps_core::client::Client;
use fps_checkout::fps_core::operation::v2007::{
    GetAccountActivity, GetAccountBalance, GetTransaction, TransactionPart,
};

use crate::Problem;

/// Prints the transaction, the account's history since then, and the account's balance.
pub(super) async fn tell(client: &Client, transaction: TransactionId) -> Result<(), Problem> {
    let answer = client.send(GetTransaction::new(transaction)).await?.response;
    let told = answer.transaction.ok_or("GetTransaction answers without a transaction")?;
    let word = |word: Option<&str>| word.unwrap_or("?").to_owned();
    println!("Transaction {}", told.transaction_id);
    println!("  {} of ${}", word(told.operation.as_ref().map(|one| one.as_str())), told.transaction_amount);
    println!("  by {}", word(told.payment_method.as_ref().map(|one| one.as_str())));
    println!("  {}", told.status);
    println!("  caller reference {}", word(told.caller_reference()));
    println!("  metadata {}", word(told.meta_data.as_deref()));
    for TransactionPart { role, name, reference, description, .. } in &told.transaction_parts {
        let said = [name, reference, description].into_iter().flatten().filter(|text| !text.is_empty());
        println!("  {role}: {}", said.cloned().collect::<Vec<_>>().join(", "));
    }

    let since = told.date_received.ok_or("GetTransaction answers without a date")?;
    let mut activity = client.account_activity(GetAccountActivity::since(since));
    let mut events = Vec::new();
    while let Some(event) = activity.next().await? {
        events.push(event);
    }
    println!("History");
    for event in &events {
        let dollars = |amount: Option<_>| amount.map_or("?".to_owned(), |amount| format!("${amount}"));
        println!(
            "  {} of ${}, {}, fee {}, balance {}",
            word(event.operation.as_ref().map(|one| one.as_str())),
            event.transaction_amount,
            event.status,
            dollars(event.fees),
            dollars(event.balance),
        );
    }

    let answer = client.send(GetAccountBalance::new()).await?.response;
    let balance = answer.account_balance.ok_or("GetAccountBalance answers without a balance")?;
    println!("DigitalDownload's balance: ${}", balance.total_balance);
    Ok(())
}

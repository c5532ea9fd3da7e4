use std::collections::BTreeSet;

use super::*;

#[test]
fn a_shop_knows_its_own_references() {
    let shop = ShopId::random();
    let name = serde_json::to_value(&shop).unwrap().as_str().unwrap().to_owned();
    let approval = shop.approval(&Subject::Order(OrderId::new("1").unwrap()), 2).unwrap();
    assert_eq!(approval.as_str(), format!("{name}-1-a2"));
    let own = shop.own_token("caller", 1).unwrap();
    assert_eq!(own.as_str(), format!("{name}-own-caller-1"));
    for mine in [approval.as_str(), own.as_str(), &format!("{approval}-pay")] {
        assert!(shop.made(mine), "{mine}");
    }
    for other in ["", "1-a2", &name, &format!("{name}x-1-a1"), &format!("x{approval}")] {
        assert!(!shop.made(other), "{other}");
    }
}

#[test]
fn two_shops_hardly_ever_have_one_name() {
    let names: Vec<String> = (0..200)
        .map(|_| serde_json::to_value(ShopId::random()).unwrap().as_str().unwrap().to_owned())
        .collect();
    assert!(names.iter().all(|name| name.len() == 8 && OrderId::new(name.as_str()).is_ok()), "{names:?}");
    // 40 bits each: every letter of the alphabet comes up, and no name twice.
    let letters: BTreeSet<char> = names.iter().flat_map(|name| name.chars()).collect();
    assert_eq!((letters.len(), names.iter().collect::<BTreeSet<_>>().len()), (32, 200));
}

#[test]
fn a_subject_says_what_it_is() {
    let order = Subject::Order(OrderId::new("ann").unwrap());
    let token = Subject::Token(TokenName::new("ann").unwrap());
    assert_eq!((order.to_string(), order.label()), ("order ann".to_owned(), "ann".to_owned()));
    assert_eq!((token.to_string(), token.label()), ("token ann".to_owned(), "token/ann".to_owned()));
}

//! DigitalDownload keeps its orders in a backend of a stranger's crate: one dependency and one `use`.

use fps_tests::Program;

#[test]
fn digital_download_sells_from_a_redb_file() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sales) = (folder.path().join("shop.redb"), folder.path().join("sales.jsonl"));
    let url = format!("redb://{}", store.display());
    let program = env!("CARGO_BIN_EXE_digital-download-under-test");
    let said =
        Program::start(program, ["--auto", "--storage", &url, "--sales", sales.to_str().unwrap()]).finish();
    assert!(said.status.success(), "{said:#?}");
    assert!(said.lines.iter().any(|line| line == "b. Transaction: Success"), "{said:#?}");
    assert!(store.metadata().unwrap().len() > 0);
}

//! Which foreign types stand in public signatures: a kept list. A client's or a parser's major version must not become ours.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{
    Fields, ImplItem, ImplItemFn, ItemConst, ItemEnum, ItemFn, ItemImpl, ItemStruct, ItemTrait, ItemType,
    ItemUse, Path as SynPath, UseTree, Visibility,
};

/// What may stand there: HTTP and URLs, which are re-exported, and serde's traits.
const ALLOWED: &[&str] = &[
    "http::Request",
    "http::Response",
    "http::StatusCode",
    "serde::Deserialize",
    "serde::Deserializer",
    "serde::Serialize",
    "serde::Serializer",
    "url::Url",
];

/// The crates that fps-core is built on; `std`, `core` and `alloc` are not foreign.
const FOREIGN: &[&str] = &[
    "async_trait",
    "base64",
    "fps_derive",
    "hmac",
    "http",
    "jiff",
    "quick_xml",
    "reqwest",
    "rsa",
    "rustls",
    "rustls_platform_verifier",
    "serde",
    "sha1",
    "sha2",
    "subtle",
    "thiserror",
    "tokio",
    "tracing",
    "url",
    "x509_cert",
    "zeroize",
];

#[test]
fn public_signatures_name_only_the_foreign_types_that_are_listed() {
    let mut found = BTreeMap::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let mut signatures = Signatures { file: &file, imports: BTreeMap::new(), found: &mut found };
        signatures.visit_file(&syn::parse_file(&text).unwrap());
    }
    let names: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    let allowed: BTreeSet<&str> = ALLOWED.iter().copied().collect();
    let extra: Vec<_> = found.iter().filter(|(name, _)| !allowed.contains(name.as_str())).collect();
    assert!(extra.is_empty(), "foreign types in public signatures that are not on the list: {extra:#?}");
    for needed in ["http::Request", "url::Url"] {
        assert!(names.contains(needed), "the search finds {needed}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Collects the foreign types of one file's public signatures.
struct Signatures<'a> {
    file: &'a Path,
    /// Imported names, and the path that each is.
    imports: BTreeMap<String, String>,
    found: &'a mut BTreeMap<String, PathBuf>,
}

impl Signatures<'_> {
    fn import(&mut self, tree: &UseTree, prefix: &str) {
        let joined =
            |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &joined(&path.ident.to_string())),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.imports.insert(name.clone(), joined(&name));
            }
            UseTree::Rename(rename) => {
                self.imports.insert(rename.rename.to_string(), joined(&rename.ident.to_string()));
            }
            UseTree::Group(group) => group.items.iter().for_each(|item| self.import(item, prefix)),
            _ => {}
        }
    }

    fn types(&mut self, in_signature: impl FnOnce(&mut Types<'_, '_>)) {
        let mut types = Types { imports: &self.imports, file: self.file, found: self.found };
        in_signature(&mut types);
    }

    fn fields(&mut self, fields: &Fields, all: bool) {
        for field in fields.iter().filter(|field| all || is_public(&field.vis)) {
            self.types(|types| types.visit_type(&field.ty));
        }
    }

    fn function(&mut self, function: &ImplItemFn) {
        self.types(|types| types.visit_signature(&function.sig));
    }
}

impl<'ast> Visit<'ast> for Signatures<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, "");
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if is_public(&item.vis) {
            self.types(|types| types.visit_signature(&item.sig));
        }
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        if is_public(&item.vis) {
            self.fields(&item.fields, false);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        if is_public(&item.vis) {
            item.variants.iter().for_each(|variant| self.fields(&variant.fields, true));
        }
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        if is_public(&item.vis) {
            self.types(|types| visit::visit_item_trait(types, item));
        }
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        if is_public(&item.vis) {
            self.types(|types| types.visit_type(&item.ty));
        }
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        if is_public(&item.vis) {
            self.types(|types| types.visit_type(&item.ty));
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if let Some((of, _)) = &item.trait_ {
            self.types(|types| types.visit_path(of));
        }
        for method in &item.items {
            if let ImplItem::Fn(function) = method
                && (is_public(&function.vis) || item.trait_.is_some())
            {
                self.function(function);
            }
        }
    }
}

/// Looks at the paths of a signature, not at bodies.
struct Types<'a, 'b> {
    imports: &'a BTreeMap<String, String>,
    file: &'a Path,
    found: &'b mut BTreeMap<String, PathBuf>,
}

impl<'ast> Visit<'ast> for Types<'_, '_> {
    fn visit_path(&mut self, path: &'ast SynPath) {
        let written: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let mut whole = self.imports.get(&written[0]).cloned().unwrap_or_else(|| written[0].clone());
        for segment in &written[1..] {
            whole.push_str("::");
            whole.push_str(segment);
        }
        let first = whole.split("::").next().unwrap_or_default();
        if FOREIGN.contains(&first) && whole.contains("::") {
            self.found.entry(whole).or_insert_with(|| self.file.to_owned());
        }
        visit::visit_path(self, path);
    }

    fn visit_block(&mut self, _: &'ast syn::Block) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

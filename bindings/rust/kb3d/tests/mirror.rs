//! No function and no number of the raw layer is left behind by the safe one.
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// What this layer needs no word for: structs are prepared in Rust, formats are known to it, and defaults are zero; and
/// memory on a device, which no view of Rust's can lie in: that is left to the raw layer.
const ELSEWHERE: [&str; 7] = [
    "kb3d_struct_init",
    "kb3d_format_bytes",
    "KB3D_FORMAT_NONE",
    "KB3D_TRANSFER_SRGB",
    "KB3D_FOCUS_AUTO",
    "KB3D_MEMORY_HOST",
    "KB3D_MEMORY_DEVICE",
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c != '_' && !c.is_alphanumeric())
}

/// Functions, and the numbers of enums.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim();
    let number = line.strip_prefix("pub const ").filter(|rest| rest.contains(": kb3d_"));
    words(line.strip_prefix("pub fn ").or(number)?).next()
}

#[test]
fn everything_is_used() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let raw = fs::read_to_string(here.join("../kb3d-sys/src/raw.rs")).unwrap();
    let files = fs::read_dir(here.join("src")).unwrap();
    let safe: String = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let used: HashSet<&str> = words(&safe).chain(ELSEWHERE).collect();
    let missing: Vec<&str> = raw.lines().filter_map(declared).filter(|name| !used.contains(name)).collect();
    assert!(missing.is_empty(), "nowhere in the safe layer: {missing:?}");
    assert!(raw.lines().filter_map(declared).count() > 80);
}

//! Asks pkg-config where the library is.
use std::env;
use std::process::{exit, Command};

fn main() {
    let is_static = env::var_os("CARGO_FEATURE_STATIC").is_some();
    for name in ["PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_SYSROOT_DIR", "PKG_CONFIG_LIBDIR"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    if env::var_os("DOCS_RS").is_some() {
        return;
    }
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let mut command = Command::new(&program);
    command.args(["--print-errors", "--libs"]);
    if is_static {
        command.arg("--static");
    }
    let output = match command.arg("kb3d").output() {
        Ok(output) => output,
        Err(error) => fail(&format!("{program} cannot be run: {error}")),
    };
    if !output.status.success() {
        fail(&String::from_utf8_lossy(&output.stderr));
    }
    for word in String::from_utf8_lossy(&output.stdout).split_whitespace() {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        } else if let Some(name) = word.strip_prefix("-l") {
            let kind = if is_static && name == "kb3d" { "static=" } else { "" };
            println!("cargo:rustc-link-lib={kind}{name}");
        }
    }
}

fn fail(why: &str) -> ! {
    eprintln!("kb3d-sys: libkb3d was not found. Is it installed, and does PKG_CONFIG_PATH name the folder of kb3d.pc?\n{why}");
    exit(1)
}

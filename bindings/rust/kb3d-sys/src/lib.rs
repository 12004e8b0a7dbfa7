//! Raw bindings to libkb3d: what its headers declare, and nothing more.
//!
//! The headers in `include/kb3d` are the manual. The crate `kb3d` is the safe layer on top.
#![allow(non_camel_case_types, non_snake_case)]

#[rustfmt::skip]
mod raw;
pub use raw::*;

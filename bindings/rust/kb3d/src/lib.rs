//! One photograph becomes a camera flight through it (the 3D Ken Burns effect).
//!
//! ```no_run
//! use kb3d::{Context, Format, Path, Scene, Source};
//!
//! fn main() -> kb3d::Result<()> {
//!     let context = Context::new()?;
//!     let scene = Scene::new(&context, Source::file("photo.jpg"))?;
//!     let mut path = Path::new(&scene)?;
//!     path.prepare(1920, 1080)?;
//!     for i in 0..125 {
//!         let t = path.time(f64::from(i) / 124.0)?;
//!         let frame = path.render_image::<u8>(t, 1920, 1080, Format::Rgb8)?;
//!         // frame.samples() has 1920 x 1080 x 3 bytes
//!     }
//!     Ok(())
//! }
//! ```
//!
//! The C headers in `include/kb3d` are the manual of what each parameter means; names are the same. A [`Context`], a
//! [`Scene`] and a [`Path`] may be shared by threads. That preparing a path must be alone is what `&mut` says:
//!
//! ```compile_fail,E0502
//! # fn f(mut path: kb3d::Path) -> kb3d::Result<()> {
//! std::thread::scope(|threads| {
//!     threads.spawn(|| path.render_image::<u8>(0.0, 64, 48, kb3d::Format::Rgb8));
//!     path.prepare(64, 48) // while that thread renders
//! })
//! # }
//! ```
//!
//! Functions of yours that the library calls (progress, log, networks) may not call back into it: it would wait for
//! itself.
//!
//! Pixels are borrowed for as long as the library may look at them:
//!
//! ```compile_fail,E0597
//! # fn f(context: &kb3d::Context) -> kb3d::Result<kb3d::Scene> {
//! let source = {
//!     let pixels = vec![0u8; 64 * 48 * 3];
//!     kb3d::Source::pixels(kb3d::View::new(&pixels, 64, 48, kb3d::Format::Rgb8)?)
//! };
//! kb3d::Scene::new(context, source)
//! # }
//! ```
#![warn(missing_docs)]

mod call;
mod context;
mod enums;
mod error;
mod image;
mod network;
mod path;
mod scene;

pub use call::{Call, Canceller};
pub use context::{Context, ContextBuilder, ContextInfo, Model, ModelInfo};
pub use enums::{
    Backend, Class, DepthKind, DepthQuality, Ease, Extend, Format, LogLevel, Loop, Motion, Networks, Role, Stage,
};
pub use error::{Error, Result, Status};
pub use image::{Image, Sample, Source, View, ViewMut};
pub use network::{Run, Tensor};
pub use path::{Frame, Path, PathBuilder, Window};
pub use scene::{Camera, Scene, SceneBuilder, SceneInfo};

/// The raw layer, for what this one lacks.
pub use kb3d_sys as sys;

/// Release of the library that was loaded, such as "0.1.0".
pub fn version() -> String {
    // SAFETY: static text
    unsafe { error::text(sys::kb3d_version()) }
}

/// A device of a backend.
#[derive(Clone, Debug)]
pub struct Device {
    /// As its driver names it.
    pub name: String,
    /// That it has in all.
    pub memory_bytes: u64,
    /// Its compute capability, such as (9, 0).
    pub compute: (i32, i32),
    /// Why no context can be made on it.
    pub problem: Option<String>,
}

/// The devices of a backend; the CPU has none to choose. The error says what is missing.
pub fn devices(backend: Backend) -> Result<Vec<Device>> {
    let mut count = 0;
    // SAFETY: plain data, filled by the library
    Call::new().make(|c| unsafe { sys::kb3d_backend_device_count(backend as _, &mut count, c) })?;
    (1..=count)
        .map(|number| unsafe {
            let mut info: sys::kb3d_device_info = std::mem::zeroed();
            info.size = std::mem::size_of_val(&info);
            Call::new().make(|c| sys::kb3d_backend_get_device(backend as _, number, &mut info, c))?;
            Ok(Device {
                name: error::text(info.name.as_ptr()),
                memory_bytes: info.memory_bytes,
                compute: (info.compute_major, info.compute_minor),
                problem: (info.is_usable == 0).then(|| error::text(info.problem.as_ptr())),
            })
        })
        .collect()
}

/// Whether a backend could be used here; the error says why not.
pub fn probe(backend: Backend) -> Result<()> {
    // SAFETY: takes a number and a call
    Call::new().make(|c| unsafe { sys::kb3d_backend_probe(backend as _, c) })
}

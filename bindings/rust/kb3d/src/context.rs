use crate::call::Call;
use crate::enums::{Backend, LogLevel, Networks, Role};
use crate::error::{text, Error, Result, Status};
use crate::network::{self, Function, Run};
use crate::sys;
use std::ffi::{c_void, CString};
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex};

type Log = dyn Fn(LogLevel, &str) + Send + Sync;

/// What the library may call as long as a context, or a scene or path of it, is there. The boxes have addresses of
/// their own, which the library knows.
#[derive(Default)]
pub(crate) struct Callbacks {
    log: Option<Box<Box<Log>>>,
    #[allow(clippy::vec_box)]
    networks: Mutex<Vec<Box<Box<Function>>>>,
}

/// Threads, memory, limits, networks.
pub struct Context {
    pub(crate) c: *mut sys::kb3d_ctx,
    pub(crate) callbacks: Arc<Callbacks>,
}

// SAFETY: any thread may call, and the handle is destroyed by its last owner
unsafe impl Send for Context {}
unsafe impl Sync for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: nobody else has it
        unsafe { sys::kb3d_ctx_destroy(&mut self.c) }
    }
}

/// What a context uses.
#[derive(Clone, Debug)]
pub struct ContextInfo {
    /// Whether it is the CUDA backend.
    pub is_cuda: bool,
    /// Threads in use.
    pub threads: usize,
    /// "none", "sse4", "avx2" or "avx512".
    pub simd: String,
    /// Bytes held now.
    pub memory_used: u64,
    /// The most held at any time.
    pub memory_peak: u64,
}

/// What a network is and what it cost so far.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// From the manifest, and so are the next three.
    pub name: String,
    /// Empty when not said.
    pub version: String,
    /// Empty when not said.
    pub licence: String,
    /// Where the weights are from.
    pub source: String,
    /// The file; empty when there is none.
    pub path: String,
    /// What runs it; empty before it was loaded.
    pub runtime: String,
    /// Memory of its weights.
    pub weight_bytes: u64,
    /// What loading took.
    pub load_ms: f64,
    /// How often it ran.
    pub run_count: usize,
    /// Its last run.
    pub last_ms: f64,
    /// All its runs.
    pub total_ms: f64,
}

impl ModelInfo {
    pub(crate) fn fill(
        ask: impl FnOnce(*mut sys::kb3d_model_info, *mut sys::kb3d_call) -> i32,
    ) -> Result<ModelInfo> {
        // SAFETY: plain data, filled by the library with texts that live until its owner does
        unsafe {
            let mut c: sys::kb3d_model_info = std::mem::zeroed();
            c.size = std::mem::size_of_val(&c);
            Call::new().make(|call| ask(&mut c, call))?;
            Ok(ModelInfo {
                name: text(c.name),
                version: text(c.version),
                licence: text(c.licence),
                source: text(c.source),
                path: text(c.path),
                runtime: text(c.runtime),
                weight_bytes: c.weight_bytes,
                load_ms: c.load_ms,
                run_count: c.run_count as usize,
                last_ms: c.last_ms,
                total_ms: c.total_ms,
            })
        }
    }
}

/// A network for a role.
pub struct Model<'a> {
    kind: Kind<'a>,
    manifest: Option<String>,
}

enum Kind<'a> {
    File(Vec<u8>),
    Contents(&'a [u8]),
    Function(Box<Function>),
}

impl<'a> Model<'a> {
    /// A TorchScript file, or a name to be looked for in the search path.
    pub fn file(path: impl AsRef<Path>) -> Model<'static> {
        Model { kind: Kind::File(path.as_ref().as_os_str().as_bytes().to_vec()), manifest: None }
    }

    /// A TorchScript file's contents.
    pub fn contents(bytes: &'a [u8]) -> Model<'a> {
        Model { kind: Kind::Contents(bytes), manifest: None }
    }

    /// A function of yours. An error, and a panic in it, is the call's error.
    pub fn function(
        run: impl Fn(&mut Run) -> std::result::Result<(), String> + Send + Sync + 'static,
    ) -> Model<'static> {
        Model { kind: Kind::Function(Box::new(run)), manifest: None }
    }

    /// JSON text, in the place of the file beside the model.
    pub fn manifest(mut self, json: impl Into<String>) -> Self {
        self.manifest = Some(json.into());
        self
    }
}

fn c_text(bytes: &[u8], what: &str) -> Result<CString> {
    CString::new(bytes).map_err(|_| Error::argument(format!("{what} has a zero in it")))
}

/// Refuses a library of another API before anything else of it is called.
fn check_library() -> Result<()> {
    // SAFETY: takes nothing
    let has = unsafe { sys::kb3d_api_version() };
    let (major, minor) = (has >> 16, has & 0xffff);
    if major == sys::KB3D_API_MAJOR && minor >= sys::KB3D_API_MINOR {
        return Ok(());
    }
    Err(Error {
        status: Status::Unavailable,
        message: format!(
            "libkb3d {} has API {major}.{minor}, this program was compiled for {}.{}",
            crate::version(),
            sys::KB3D_API_MAJOR,
            sys::KB3D_API_MINOR
        ),
    })
}

impl Context {
    /// With defaults.
    pub fn new() -> Result<Context> {
        Context::builder().build()
    }

    /// With parameters.
    pub fn builder() -> ContextBuilder {
        // SAFETY: plain data; zero is the default of all of it
        let mut params: sys::kb3d_ctx_params = unsafe { std::mem::zeroed() };
        params.size = std::mem::size_of_val(&params);
        ContextBuilder { params, model_path: None, log: None }
    }

    /// A network for a role, before the first scene or path that needs it.
    pub fn add_model(&self, role: Role, model: Model) -> Result<()> {
        // SAFETY: plain data
        let mut source: sys::kb3d_model_source = unsafe { std::mem::zeroed() };
        source.size = std::mem::size_of_val(&source);
        source.role = role as _;
        let manifest = model.manifest.map(|json| c_text(json.as_bytes(), "a manifest")).transpose()?;
        source.manifest = manifest.as_ref().map_or(ptr::null(), |json| json.as_ptr());
        let (mut path, mut function) = (None, None);
        match model.kind {
            Kind::File(name) => source.path = path.insert(c_text(&name, "a file's name")?).as_ptr(),
            Kind::Contents(bytes) => {
                source.bytes = bytes.as_ptr().cast();
                source.byte_count = bytes.len();
            }
            Kind::Function(run) => {
                let kept: &mut Box<Box<Function>> = function.insert(Box::new(run));
                source.run = Some(network::run);
                source.user = (&mut **kept as *mut Box<Function>).cast();
            }
        }
        // SAFETY: what the source points to lives until here, or with the callbacks
        let done = Call::new().make(|c| unsafe { sys::kb3d_ctx_add_model(self.c, &source, c) });
        if let (Ok(()), Some(function)) = (&done, function) {
            self.callbacks.networks.lock().unwrap_or_else(|e| e.into_inner()).push(function);
        }
        drop(path);
        done
    }

    /// What it uses.
    pub fn info(&self) -> Result<ContextInfo> {
        // SAFETY: plain data, filled by the library; static text
        unsafe {
            let mut c: sys::kb3d_ctx_info = std::mem::zeroed();
            c.size = std::mem::size_of_val(&c);
            Call::new().make(|call| sys::kb3d_ctx_get_info(self.c, &mut c, call))?;
            Ok(ContextInfo {
                is_cuda: c.backend == sys::KB3D_BACKEND_CUDA,
                threads: c.threads as usize,
                simd: text(c.simd),
                memory_used: c.memory_used,
                memory_peak: c.memory_peak,
            })
        }
    }

    /// Which network it has for a role.
    pub fn model(&self, role: Role) -> Result<ModelInfo> {
        // SAFETY: the handle is self's
        ModelInfo::fill(|info, c| unsafe { sys::kb3d_ctx_get_model(self.c, role as _, info, c) })
    }
}

/// Parameters of a context.
pub struct ContextBuilder {
    params: sys::kb3d_ctx_params,
    model_path: Option<Vec<u8>>,
    log: Option<Box<Box<Log>>>,
}

impl ContextBuilder {
    /// Where the pixel work runs.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.params.backend = backend as _;
        self
    }

    /// 1 to 256; 0 is one for each processor.
    pub fn threads(mut self, threads: usize) -> Self {
        self.params.threads = threads.try_into().unwrap_or(i32::MAX);
        self
    }

    /// Bytes the context, its scenes and their paths may hold.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.params.memory_limit = bytes;
        self
    }

    /// Pixels a picture may have.
    pub fn pixel_limit(mut self, pixels: u64) -> Self {
        self.params.pixel_limit = pixels;
        self
    }

    /// Where networks run, their memory in bytes and the time of one run in milliseconds (0: no limit).
    pub fn networks(mut self, networks: Networks, memory_limit: u64, time_limit_ms: u32) -> Self {
        self.params.networks = networks as _;
        self.params.worker_memory_limit = memory_limit;
        self.params.worker_time_limit_ms = time_limit_ms.try_into().unwrap_or(i32::MAX);
        self
    }

    /// Folders to look for models in first, colons between them; "" looks nowhere.
    pub fn model_path(mut self, folders: impl AsRef<Path>) -> Self {
        self.model_path = Some(folders.as_ref().as_os_str().as_bytes().to_vec());
        self
    }

    /// Opens the libraries of custom operators that manifests name. They are code.
    pub fn allow_operators(mut self) -> Self {
        self.params.allow_operators = 1;
        self
    }

    /// Lines of the log up to a level. May run in any thread, several at once.
    pub fn log(mut self, level: LogLevel, log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Self {
        self.params.log_level = level as _;
        self.log = Some(Box::new(Box::new(log)));
        self
    }

    /// Makes the context.
    pub fn build(mut self) -> Result<Context> {
        check_library()?;
        let model_path = self.model_path.map(|path| c_text(&path, "the model path")).transpose()?;
        self.params.model_path = model_path.as_ref().map_or(ptr::null(), |path| path.as_ptr());
        if let Some(log) = &mut self.log {
            self.params.log = Some(send);
            self.params.log_user = (&mut **log as *mut Box<Log>).cast();
        }
        let callbacks = Arc::new(Callbacks { log: self.log, ..Callbacks::default() });
        let mut made = Context { c: ptr::null_mut(), callbacks };
        // SAFETY: what the parameters point to lives until here, or with the callbacks
        Call::new().make(|c| unsafe { sys::kb3d_ctx_create(&mut made.c, &self.params, c) })?;
        debug_assert_eq!(made.callbacks.log.is_some(), self.params.log.is_some());
        Ok(made)
    }
}

/// `user` is a `Box<Log>`.
unsafe extern "C" fn send(user: *mut c_void, level: sys::kb3d_log_level, line: *const c_char) {
    let log = &*user.cast::<Box<Log>>();
    let level = match level {
        sys::KB3D_LOG_ERROR => LogLevel::Error,
        sys::KB3D_LOG_WARNING => LogLevel::Warning,
        sys::KB3D_LOG_INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    };
    let line = text(line);
    drop(catch_unwind(AssertUnwindSafe(|| log(level, &line)))); // nobody to tell
}

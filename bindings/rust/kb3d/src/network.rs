use crate::error::text;
use crate::sys;
use std::any::Any;
use std::marker::PhantomData;
use std::os::raw::{c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Bytes of kb3d_run::message.
const MESSAGE_SIZE: usize = 384;

/// A network of the host's. It may run in any thread, several at once.
pub(crate) type Function = dyn Fn(&mut Run) -> Result<(), String> + Send + Sync;

/// One run of the host's network.
pub struct Run<'a> {
    c: *mut sys::kb3d_run,
    lifetime: PhantomData<&'a ()>,
}

/// A dense tensor, the last dimension fastest.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// Sizes of the dimensions; pictures: 1, channels, height, width.
    pub shape: &'a [i64],
    /// The values.
    pub data: &'a [f32],
}

impl<'a> Run<'a> {
    /// The manifest's entry point.
    pub fn entry(&self) -> String {
        // SAFETY: the library's, valid during the run, as everything below
        unsafe { text((*self.c).entry) }
    }

    /// In the order that docs/models.md gives for the role.
    pub fn inputs(&self) -> Vec<Tensor<'a>> {
        unsafe {
            let run = &*self.c;
            std::slice::from_raw_parts(run.inputs, run.input_count as usize)
                .iter()
                .map(|tensor| {
                    let shape = &tensor.shape[..tensor.rank as usize];
                    let count: i64 = shape.iter().product();
                    Tensor { shape, data: std::slice::from_raw_parts(tensor.data, count as usize) }
                })
                .collect()
        }
    }

    /// Answers wanted.
    pub fn output_count(&self) -> usize {
        unsafe { (*self.c).output_count as usize }
    }

    /// Threads the context may use.
    pub fn threads(&self) -> usize {
        unsafe { (*self.c).threads as usize }
    }

    /// Whether the call was cancelled, so that a long run can end early with any result.
    pub fn is_cancelled(&self) -> bool {
        unsafe { sys::kb3d_run_is_cancelled(self.c) != 0 }
    }

    /// Zeroed memory for an answer, once for each.
    pub fn answer(&mut self, index: usize, shape: &[i64]) -> Result<&mut [f32], String> {
        let wrong = || format!("there is no answer {index} of the shape {shape:?}");
        let (index, rank) = match (c_int::try_from(index), c_int::try_from(shape.len())) {
            (Ok(index), Ok(rank)) => (index, rank),
            _ => return Err(wrong()),
        };
        // SAFETY: the library checks index, rank and shape, and gives the memory of an answer once
        unsafe {
            let values = sys::kb3d_run_answer(self.c, index, rank, shape.as_ptr());
            if values.is_null() {
                return Err(wrong());
            }
            let count: i64 = shape.iter().product();
            Ok(std::slice::from_raw_parts_mut(values, count as usize))
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "the network panicked".into())
}

/// `user` is a `Box<Function>`.
pub(crate) unsafe extern "C" fn run(user: *mut c_void, c: *mut sys::kb3d_run) -> c_int {
    let function = &*user.cast::<Box<Function>>();
    let answer = catch_unwind(AssertUnwindSafe(|| function(&mut Run { c, lifetime: PhantomData })));
    let why = match answer {
        Ok(Ok(())) => return 0,
        Ok(Err(why)) => why,
        Err(panic) => panic_text(&*panic),
    };
    let length = why.len().min(MESSAGE_SIZE - 1);
    std::ptr::copy_nonoverlapping(why.as_ptr(), (*c).message.cast::<u8>(), length);
    *(*c).message.add(length) = 0;
    1
}

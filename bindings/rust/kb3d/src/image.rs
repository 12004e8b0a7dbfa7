use crate::enums::Format;
use crate::error::{Error, Result};
use crate::sys;
use std::ffi::CString;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for f32 {}
}

/// What samples are: `u8`, `u16` or `f32`.
pub trait Sample: sealed::Sealed + Copy + Default {
    /// Channels of a format of this kind of sample, 0 of another's.
    #[doc(hidden)]
    fn channels(format: Format) -> usize;
}

impl Sample for u8 {
    fn channels(format: Format) -> usize {
        match format {
            Format::Gray8 | Format::I420 | Format::Nv12 => 1,
            Format::Rgb8 | Format::Bgr8 => 3,
            Format::Rgba8 | Format::Bgra8 => 4,
            _ => 0,
        }
    }
}

impl Sample for u16 {
    fn channels(format: Format) -> usize {
        match format {
            Format::Gray16 => 1,
            Format::Rgb16 => 3,
            Format::Rgba16 => 4,
            _ => 0,
        }
    }
}

impl Sample for f32 {
    fn channels(format: Format) -> usize {
        match format {
            Format::GrayF32 => 1,
            Format::RgbF32 => 3,
            Format::RgbaF32 => 4,
            _ => 0,
        }
    }
}

fn prepared(width: usize, height: usize, format: Format) -> Result<sys::kb3d_image> {
    let side = |size: usize| i32::try_from(size).ok().filter(|&size| size > 0);
    match (side(width), side(height)) {
        (Some(width), Some(height)) => {
            // SAFETY: plain data
            let mut c: sys::kb3d_image = unsafe { std::mem::zeroed() };
            c.size = std::mem::size_of::<sys::kb3d_image>();
            c.format = format as _;
            c.width = width;
            c.height = height;
            Ok(c)
        }
        _ => Err(Error::argument(format!("an image cannot be {width} x {height}"))),
    }
}

/// Samples that planes of a format have, one after the other, with their starts and strides. The sides are those of a
/// prepared image.
fn planes(width: usize, height: usize, format: Format) -> Option<(usize, [usize; 3], [usize; 3])> {
    let (half_width, half_height) = ((width + 1) / 2, (height + 1) / 2);
    let luma = width * height;
    let chroma = half_width * half_height;
    let strides = match format {
        Format::I420 => [width, half_width, half_width],
        Format::Nv12 => [width, 2 * half_width, 0],
        _ => return None,
    };
    Some((luma + 2 * chroma, [0, luma, luma + chroma], strides))
}

/// Fills in the rows of a slice, checked to lie in it. `stride` is in samples.
fn lay_out<T: Sample>(
    c: &mut sys::kb3d_image,
    start: *mut T,
    count: usize,
    format: Format,
    stride: usize,
    bottom_up: bool,
) -> Result<()> {
    let (width, height) = (c.width as usize, c.height as usize);
    let wrong = || {
        Error::argument(format!("{count} samples do not hold {width} x {height} of {format:?} at {stride} a row"))
    };
    if let Some((need, starts, strides)) = planes(width, height, format) {
        if need > count || stride != 0 || bottom_up || std::mem::size_of::<T>() != 1 {
            return Err(wrong());
        }
        for plane in 0..3 {
            if strides[plane] > 0 {
                c.data[plane] = start.wrapping_add(starts[plane]).cast();
                c.stride[plane] = strides[plane] as isize;
            }
        }
        return Ok(());
    }
    let row = width.checked_mul(T::channels(format)).filter(|&row| row > 0).ok_or_else(wrong)?;
    let stride = if stride == 0 { row } else { stride };
    let last = stride.checked_mul(height - 1).ok_or_else(wrong)?;
    if stride < row || last.checked_add(row).map_or(true, |need| need > count) {
        return Err(wrong());
    }
    let bytes = (stride * std::mem::size_of::<T>()) as isize;
    c.data[0] = start.wrapping_add(if bottom_up { last } else { 0 }).cast();
    c.stride[0] = if bottom_up { -bytes } else { bytes };
    Ok(())
}

/// Pixels to be read.
#[derive(Clone, Copy)]
pub struct View<'a> {
    c: sys::kb3d_image,
    lifetime: PhantomData<&'a [u8]>,
}

impl<'a> View<'a> {
    /// Tightly packed rows.
    pub fn new<T: Sample>(samples: &'a [T], width: usize, height: usize, format: Format) -> Result<View<'a>> {
        View::with_stride(samples, width, height, format, 0)
    }

    /// Rows that begin `stride` samples apart.
    pub fn with_stride<T: Sample>(
        samples: &'a [T],
        width: usize,
        height: usize,
        format: Format,
        stride: usize,
    ) -> Result<View<'a>> {
        let mut c = prepared(width, height, format)?;
        lay_out(&mut c, samples.as_ptr() as *mut T, samples.len(), format, stride, false)?;
        Ok(View { c, lifetime: PhantomData })
    }

    /// Samples proportional to light.
    pub fn linear(mut self) -> View<'a> {
        self.c.transfer = sys::KB3D_TRANSFER_LINEAR;
        self
    }
}

/// Pixels to be written.
pub struct ViewMut<'a> {
    pub(crate) c: sys::kb3d_image,
    lifetime: PhantomData<&'a mut [u8]>,
}

impl<'a> ViewMut<'a> {
    /// Tightly packed rows; of I420 and NV12 planes one after the other.
    pub fn new<T: Sample>(
        samples: &'a mut [T],
        width: usize,
        height: usize,
        format: Format,
    ) -> Result<ViewMut<'a>> {
        ViewMut::with_stride(samples, width, height, format, 0, false)
    }

    /// Rows that begin `stride` samples apart (0: tightly packed), the top one first or last.
    pub fn with_stride<T: Sample>(
        samples: &'a mut [T],
        width: usize,
        height: usize,
        format: Format,
        stride: usize,
        bottom_up: bool,
    ) -> Result<ViewMut<'a>> {
        let mut c = prepared(width, height, format)?;
        lay_out(&mut c, samples.as_mut_ptr(), samples.len(), format, stride, bottom_up)?;
        Ok(ViewMut { c, lifetime: PhantomData })
    }

    /// Samples proportional to light.
    pub fn linear(mut self) -> ViewMut<'a> {
        self.c.transfer = sys::KB3D_TRANSFER_LINEAR;
        self
    }
}

/// Pixels of its own, tightly packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image<T> {
    samples: Vec<T>,
    width: usize,
    height: usize,
    format: Format,
}

impl<T: Sample> Image<T> {
    /// Black.
    pub fn new(width: usize, height: usize, format: Format) -> Result<Image<T>> {
        prepared(width, height, format)?;
        let count = match planes(width, height, format) {
            Some((count, _, _)) => Some(count),
            None => width.checked_mul(height).and_then(|pixels| pixels.checked_mul(T::channels(format))),
        };
        let count = count
            .filter(|&count| count > 0 && T::channels(format) > 0)
            .ok_or_else(|| Error::argument(format!("an image cannot be {width} x {height} of {format:?}")))?;
        let mut samples = Vec::new();
        samples
            .try_reserve_exact(count)
            .map_err(|e| Error::argument(format!("an image of {width} x {height}: {e}")))?;
        samples.resize(count, T::default());
        Ok(Image { samples, width, height, format })
    }

    /// Pixels from side to side.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Its layout.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Row by row.
    pub fn samples(&self) -> &[T] {
        &self.samples
    }

    /// Row by row.
    pub fn samples_mut(&mut self) -> &mut [T] {
        &mut self.samples
    }

    /// Without the frame around it.
    pub fn into_samples(self) -> Vec<T> {
        self.samples
    }

    /// To be read by the library.
    pub fn view(&self) -> Result<View<'_>> {
        View::new(&self.samples, self.width, self.height, self.format)
    }

    /// To be written by the library.
    pub fn view_mut(&mut self) -> Result<ViewMut<'_>> {
        ViewMut::new(&mut self.samples, self.width, self.height, self.format)
    }
}

/// Where a picture, depth map or mask comes from.
#[derive(Clone)]
pub struct Source<'a>(Kind<'a>);

#[derive(Clone)]
enum Kind<'a> {
    File(Vec<u8>),
    Contents(&'a [u8]),
    Pixels(View<'a>),
}

impl<'a> Source<'a> {
    /// A file.
    pub fn file(path: impl AsRef<Path>) -> Source<'static> {
        Source(Kind::File(path.as_ref().as_os_str().as_bytes().to_vec()))
    }

    /// A file's contents.
    pub fn contents(bytes: &'a [u8]) -> Source<'a> {
        Source(Kind::Contents(bytes))
    }

    /// Pixels.
    pub fn pixels(view: View<'a>) -> Source<'a> {
        Source(Kind::Pixels(view))
    }

    pub(crate) fn c(&self) -> Result<CSource<'_>> {
        // SAFETY: plain data
        let mut c: sys::kb3d_source = unsafe { std::mem::zeroed() };
        c.size = std::mem::size_of::<sys::kb3d_source>();
        let mut path = None;
        match &self.0 {
            Kind::File(name) => {
                let name =
                    CString::new(name.clone()).map_err(|_| Error::argument("a file's name has a zero in it"))?;
                c.path = name.as_ptr();
                path = Some(name);
            }
            Kind::Contents(bytes) => {
                c.bytes = bytes.as_ptr().cast();
                c.byte_count = bytes.len();
            }
            Kind::Pixels(view) => c.image = &view.c,
        }
        Ok(CSource { c, _path: path, lifetime: PhantomData })
    }
}

/// As the C API wants it; points into the source that it is of.
pub(crate) struct CSource<'a> {
    pub(crate) c: sys::kb3d_source,
    _path: Option<CString>,
    lifetime: PhantomData<&'a [u8]>,
}

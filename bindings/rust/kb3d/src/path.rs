use crate::call::Call;
use crate::context::Callbacks;
use crate::enums::{Ease, Extend, Format, Loop, Motion};
use crate::error::{Error, Result};
use crate::image::{Image, Sample, ViewMut};
use crate::scene::{Camera, Scene};
use crate::sys;
use std::ptr;
use std::sync::Arc;

/// Cameras over time through a scene, which may go away before it.
pub struct Path {
    c: *mut sys::kb3d_path,
    _callbacks: Arc<Callbacks>,
}

// SAFETY: what may not be done at the same time takes &mut self
unsafe impl Send for Path {}
unsafe impl Sync for Path {}

impl Drop for Path {
    fn drop(&mut self) {
        // SAFETY: nobody else has it
        unsafe { sys::kb3d_path_destroy(&mut self.c) }
    }
}

/// A crop window in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// From the left border.
    pub center_x: f64,
    /// From the top border.
    pub center_y: f64,
    /// Above 0.
    pub width: f64,
    /// Above 0.
    pub height: f64,
}

impl Window {
    fn c(self) -> sys::kb3d_window {
        let Window { center_x, center_y, width, height } = self;
        sys::kb3d_window { center_x, center_y, width, height }
    }
}

/// Where the images of one frame go; what is not given is not made.
#[derive(Default)]
pub struct Frame<'a> {
    /// Any format but grey.
    pub color: Option<ViewMut<'a>>,
    /// Inverse depth from the frame's camera, [`Format::GrayF32`].
    pub depth: Option<ViewMut<'a>>,
    /// 255 where the frame was painted in, [`Format::Gray8`].
    pub painted: Option<ViewMut<'a>>,
}

impl Frame<'_> {
    fn c(&self) -> sys::kb3d_frame {
        let pointer = |view: &Option<ViewMut>| view.as_ref().map_or(ptr::null(), |view| &view.c as *const _);
        sys::kb3d_frame {
            size: std::mem::size_of::<sys::kb3d_frame>(),
            color: pointer(&self.color),
            depth: pointer(&self.depth),
            painted: pointer(&self.painted),
            stream: ptr::null_mut(),
        }
    }
}

impl Path {
    /// An automatic flight.
    pub fn new(scene: &Scene) -> Result<Path> {
        Path::builder(scene).build()
    }

    /// With parameters.
    pub fn builder(scene: &Scene) -> PathBuilder<'_> {
        // SAFETY: plain data; zero is the default of all of it
        let mut params: sys::kb3d_path_params = unsafe { std::mem::zeroed() };
        params.size = std::mem::size_of_val(&params);
        PathBuilder { scene, params, cameras: Vec::new(), times: Vec::new() }
    }

    /// Paints in, once, what the flight will uncover, for frames of that size.
    pub fn prepare(&mut self, width: usize, height: usize) -> Result<()> {
        self.prepare_with(width, height, Extend::Auto, &mut Call::new())
    }

    /// The same by a way of your choice, with progress and cancel.
    pub fn prepare_with(&mut self, width: usize, height: usize, extend: Extend, call: &mut Call) -> Result<()> {
        let (width, height) = size(width, height)?;
        let params = sys::kb3d_prepare_params {
            size: std::mem::size_of::<sys::kb3d_prepare_params>(),
            extend: extend as _,
            width,
            height,
        };
        // SAFETY: self is borrowed whole
        call.make(|c| unsafe { sys::kb3d_path_prepare(self.c, &params, c) })
    }

    /// Where a video's progress, 0 to 1, is on the path.
    pub fn time(&self, progress: f64) -> Result<f64> {
        let mut t = 0.0;
        // SAFETY: the handle is self's, as everywhere below
        Call::new().make(|c| unsafe { sys::kb3d_path_get_time(self.c, progress, &mut t, c) })?;
        Ok(t)
    }

    /// The camera at a time.
    pub fn camera(&self, t: f64, width: usize, height: usize) -> Result<Camera> {
        let (width, height) = size(width, height)?;
        Camera::fill(|camera, c| unsafe { sys::kb3d_path_get_camera(self.c, t, width, height, camera, c) })
    }

    /// The frame's colours at a time, into pixels of yours.
    pub fn render(&self, t: f64, color: ViewMut) -> Result<()> {
        self.render_frame(t, &mut Frame { color: Some(color), ..Frame::default() }, &mut Call::new())
    }

    /// The frame's colours at a time.
    pub fn render_image<T: Sample>(&self, t: f64, width: usize, height: usize, format: Format) -> Result<Image<T>> {
        let mut image = Image::new(width, height, format)?;
        self.render(t, image.view_mut()?)?;
        Ok(image)
    }

    /// Everything that a frame can show, with cancel.
    pub fn render_frame(&self, t: f64, frame: &mut Frame, call: &mut Call) -> Result<()> {
        let c_frame = frame.c();
        // SAFETY: the views are borrowed until here
        call.make(|c| unsafe { sys::kb3d_path_render(self.c, t, &c_frame, c) })
    }

    /// As many frames as there are times.
    pub fn render_many(&self, times: &[f64], frames: &mut [Frame], call: &mut Call) -> Result<()> {
        if times.len() != frames.len() {
            return Err(Error::argument(format!("{} times, {} frames", times.len(), frames.len())));
        }
        let c_frames: Vec<_> = frames.iter().map(Frame::c).collect();
        // SAFETY: as many of each; the views are borrowed until here
        call.make(|c| unsafe {
            sys::kb3d_path_render_many(self.c, times.as_ptr(), c_frames.as_ptr(), times.len(), c)
        })
    }
}

fn size(width: usize, height: usize) -> Result<(i32, i32)> {
    let too_large = |_| Error::argument(format!("a frame cannot be {width} x {height}"));
    Ok((i32::try_from(width).map_err(too_large)?, i32::try_from(height).map_err(too_large)?))
}

/// Parameters of a path.
pub struct PathBuilder<'a> {
    scene: &'a Scene,
    params: sys::kb3d_path_params,
    cameras: Vec<sys::kb3d_camera>,
    times: Vec<f64>,
}

impl PathBuilder<'_> {
    /// How the camera moves.
    pub fn motion(mut self, motion: Motion) -> Self {
        self.params.motion = motion as _;
        self
    }

    /// From one crop window to another; a missing one is derived.
    pub fn windows(mut self, from: Option<Window>, to: Option<Window>) -> Self {
        if self.params.motion == sys::KB3D_MOTION_AUTO {
            self.params.motion = sys::KB3D_MOTION_WINDOWS;
        }
        self.params.from = from.map_or(self.params.from, Window::c);
        self.params.to = to.map_or(self.params.to, Window::c);
        self
    }

    /// Along cameras of your own, at ascending times, or evenly over 0 to 1.
    pub fn cameras(mut self, cameras: &[Camera], times: Option<&[f64]>) -> Self {
        self.params.motion = sys::KB3D_MOTION_CAMERAS;
        self.cameras = cameras.iter().map(Camera::c).collect();
        self.times = times.unwrap_or_default().to_vec();
        self
    }

    /// Ratio of window sizes.
    pub fn zoom(mut self, zoom: f64) -> Self {
        self.params.zoom = zoom;
        self
    }

    /// An automatic flight's largest travel, as a part of the picture's width.
    pub fn shift(mut self, shift: f64) -> Self {
        self.params.shift = if shift == 0.0 { -1.0 } else { shift };
        self
    }

    /// Share of the motion that is travelled, 0 to 1.
    pub fn parallax(mut self, parallax: f64) -> Self {
        self.params.parallax = if parallax == 0.0 { -1.0 } else { parallax };
        self
    }

    /// The depth that the windows hold for.
    pub fn focus_depth(mut self, z: f64) -> Self {
        self.params.focus = sys::KB3D_FOCUS_DEPTH;
        self.params.focus_z = z;
        self
    }

    /// The pixel of the picture whose depth the windows hold for.
    pub fn focus_point(mut self, x: f64, y: f64) -> Self {
        self.params.focus = sys::KB3D_FOCUS_POINT;
        self.params.focus_x = x;
        self.params.focus_y = y;
        self
    }

    /// How t advances.
    pub fn ease(mut self, ease: Ease) -> Self {
        self.params.ease = ease as _;
        self
    }

    /// What a video does at its end.
    pub fn looping(mut self, looping: Loop) -> Self {
        self.params.loop_ = looping as _;
        self
    }

    /// The part of t that a video flies.
    pub fn range(mut self, start: f64, end: f64) -> Self {
        self.params.range_start = start;
        self.params.range_end = end;
        self
    }

    /// Picks among equally good automatic flights.
    pub fn seed(mut self, seed: u64) -> Self {
        self.params.seed = seed;
        self
    }

    /// Makes the path.
    pub fn build(self) -> Result<Path> {
        self.build_with(&mut Call::new())
    }

    /// Makes the path, with progress and cancel.
    pub fn build_with(mut self, call: &mut Call) -> Result<Path> {
        if !self.times.is_empty() && self.times.len() != self.cameras.len() {
            return Err(Error::argument(format!("{} cameras have {} times", self.cameras.len(), self.times.len())));
        }
        if !self.cameras.is_empty() {
            self.params.cameras = self.cameras.as_ptr();
            self.params.camera_count = self.cameras.len();
        }
        if !self.times.is_empty() {
            self.params.times = self.times.as_ptr();
        }
        let mut made = Path { c: ptr::null_mut(), _callbacks: self.scene.callbacks.clone() };
        // SAFETY: what the parameters point to lives until here
        call.make(|c| unsafe { sys::kb3d_path_create(self.scene.c, &self.params, &mut made.c, c) })?;
        Ok(made)
    }
}

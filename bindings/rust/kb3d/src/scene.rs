use crate::call::Call;
use crate::context::{Callbacks, Context, ModelInfo};
use crate::enums::{Class, DepthKind, DepthQuality, Format, Role, Stage};
use crate::error::{text, Error, Result};
use crate::image::{CSource, Image, Sample, Source};
use crate::sys;
use std::ptr;
use std::sync::Arc;

/// A picture with depth. Never changes; any number of threads may use it.
pub struct Scene {
    pub(crate) c: *mut sys::kb3d_scene,
    pub(crate) callbacks: Arc<Callbacks>,
}

// SAFETY: every call on a scene is safe from any thread, and its last owner destroys it
unsafe impl Send for Scene {}
unsafe impl Sync for Scene {}

impl Drop for Scene {
    fn drop(&mut self) {
        // SAFETY: nobody else has it
        unsafe { sys::kb3d_scene_destroy(&mut self.c) }
    }
}

/// What a scene is.
#[derive(Clone, Debug)]
pub struct SceneInfo {
    /// Of the picture.
    pub width: usize,
    /// Of the picture.
    pub height: usize,
    /// Some pixel is not opaque.
    pub has_alpha: bool,
    /// The focal length in use, in pixels.
    pub focal_px: f64,
    /// Neither you nor the file gave it.
    pub focal_is_guess: bool,
    /// Of the known values.
    pub inverse_depth_min: f64,
    /// Of the known values.
    pub inverse_depth_max: f64,
    /// "host", or the name of the network.
    pub depth_source: String,
}

/// A full pinhole camera; `camera.h` has its equation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// cam_from_world, row by row.
    pub rotation: [f64; 9],
    /// cam_from_world, in units of the depth.
    pub translation: [f64; 3],
    /// In pixels of the frame below.
    pub focal_px: f64,
    /// In pixels of the frame below.
    pub principal_x: f64,
    /// In pixels of the frame below.
    pub principal_y: f64,
    /// Size of the frame that these are counted in.
    pub width: f64,
    /// Size of the frame that these are counted in.
    pub height: f64,
}

impl Camera {
    pub(crate) fn c(&self) -> sys::kb3d_camera {
        sys::kb3d_camera {
            size: std::mem::size_of::<sys::kb3d_camera>(),
            rotation: self.rotation,
            translation: self.translation,
            focal_px: self.focal_px,
            principal_x: self.principal_x,
            principal_y: self.principal_y,
            width: self.width,
            height: self.height,
        }
    }

    pub(crate) fn fill(ask: impl FnOnce(*mut sys::kb3d_camera, *mut sys::kb3d_call) -> i32) -> Result<Camera> {
        // SAFETY: plain data
        let mut c: sys::kb3d_camera = unsafe { std::mem::zeroed() };
        c.size = std::mem::size_of_val(&c);
        Call::new().make(|call| ask(&mut c, call))?;
        Ok(Camera {
            rotation: c.rotation,
            translation: c.translation,
            focal_px: c.focal_px,
            principal_x: c.principal_x,
            principal_y: c.principal_y,
            width: c.width,
            height: c.height,
        })
    }
}

impl Scene {
    /// Of a picture, with the depth of the context's network.
    pub fn new(context: &Context, picture: Source) -> Result<Scene> {
        Scene::builder(context, picture).build()
    }

    /// With parameters.
    pub fn builder<'a>(context: &'a Context, picture: Source<'a>) -> SceneBuilder<'a> {
        // SAFETY: plain data; zero is the default of all of it
        let mut params: sys::kb3d_scene_params = unsafe { std::mem::zeroed() };
        params.size = std::mem::size_of_val(&params);
        SceneBuilder { context, picture, depth: None, masks: Vec::new(), params }
    }

    /// What it is.
    pub fn info(&self) -> Result<SceneInfo> {
        // SAFETY: plain data, filled by the library with a text that lives as long as the scene
        unsafe {
            let mut c: sys::kb3d_scene_info = std::mem::zeroed();
            c.size = std::mem::size_of_val(&c);
            Call::new().make(|call| sys::kb3d_scene_get_info(self.c, &mut c, call))?;
            Ok(SceneInfo {
                width: c.width as usize,
                height: c.height as usize,
                has_alpha: c.has_alpha != 0,
                focal_px: c.focal_px,
                focal_is_guess: c.focal_is_guess != 0,
                inverse_depth_min: c.inverse_depth_min,
                inverse_depth_max: c.inverse_depth_max,
                depth_source: text(c.depth_source),
            })
        }
    }

    /// The camera that took the picture: a start for your own.
    pub fn camera(&self) -> Result<Camera> {
        // SAFETY: the handle is self's, as everywhere below
        Camera::fill(|camera, c| unsafe { sys::kb3d_scene_get_camera(self.c, camera, c) })
    }

    /// A stage's inverse depth, larger is nearer: of `f32` as it is, of `u16` divided by the largest value.
    pub fn depth<T: Sample>(&self, stage: Stage) -> Result<Image<T>> {
        let (mut width, mut height) = (0, 0);
        Call::new()
            .make(|c| unsafe { sys::kb3d_scene_get_depth_size(self.c, stage as _, &mut width, &mut height, c) })?;
        let format = match std::mem::size_of::<T>() {
            4 => Format::GrayF32,
            2 => Format::Gray16,
            _ => return Err(Error::argument("depth comes as f32 or u16")),
        };
        let mut image = Image::new(width as usize, height as usize, format)?;
        let view = image.view_mut()?;
        Call::new().make(|c| unsafe { sys::kb3d_scene_get_depth(self.c, stage as _, &view.c, c) })?;
        Ok(image)
    }

    /// Which network made a part of it.
    pub fn model(&self, role: Role) -> Result<ModelInfo> {
        ModelInfo::fill(|info, c| unsafe { sys::kb3d_scene_get_model(self.c, role as _, info, c) })
    }
}

/// Parameters of a scene.
pub struct SceneBuilder<'a> {
    context: &'a Context,
    picture: Source<'a>,
    depth: Option<(Source<'a>, DepthKind)>,
    masks: Vec<(Class, Source<'a>)>,
    params: sys::kb3d_scene_params,
}

impl<'a> SceneBuilder<'a> {
    /// A depth map of your own.
    pub fn depth(mut self, map: Source<'a>, kind: DepthKind) -> Self {
        self.depth = Some((map, kind));
        self
    }

    /// Snaps a map of the picture's size to the picture's edges too.
    pub fn refine_depth(mut self) -> Self {
        self.params.refine_depth = 1;
        self
    }

    /// Focal length in pixels of the picture.
    pub fn focal_px(mut self, focal_px: f64) -> Self {
        self.params.focal_px = focal_px;
        self
    }

    /// One thing that stays whole, or the sky.
    pub fn mask(mut self, class: Class, mask: Source<'a>) -> Self {
        self.masks.push((class, mask));
        self
    }

    /// Of the network's depth.
    pub fn quality(mut self, quality: DepthQuality) -> Self {
        self.params.depth_quality = quality as _;
        self
    }

    /// Leaves depth as it was estimated.
    pub fn skip_adjust(mut self) -> Self {
        self.params.skip |= sys::KB3D_SKIP_ADJUST as i32;
        self
    }

    /// Enlarges depth smoothly, whatever the picture's edges.
    pub fn skip_refine(mut self) -> Self {
        self.params.skip |= sys::KB3D_SKIP_REFINE as i32;
        self
    }

    /// Makes the scene.
    pub fn build(self) -> Result<Scene> {
        self.build_with(&mut Call::new())
    }

    /// Makes the scene, with progress and cancel.
    pub fn build_with(mut self, call: &mut Call) -> Result<Scene> {
        let picture = self.picture.c()?;
        let depth = self.depth.as_ref().map(|(map, _)| map.c()).transpose()?;
        self.params.picture = &picture.c;
        if let (Some((_, kind)), Some(map)) = (&self.depth, &depth) {
            self.params.depth = &map.c;
            self.params.depth_kind = *kind as _;
        }
        let sources = self.masks.iter().map(|(_, mask)| mask.c()).collect::<Result<Vec<CSource>>>()?;
        let masks: Vec<sys::kb3d_mask> = (self.masks.iter().zip(&sources))
            .map(|((class, _), source)| sys::kb3d_mask {
                size: std::mem::size_of::<sys::kb3d_mask>(),
                kind: *class as _,
                source: &source.c,
            })
            .collect();
        let pointers: Vec<*const sys::kb3d_mask> = masks.iter().map(|mask| mask as *const _).collect();
        if !pointers.is_empty() {
            self.params.masks = pointers.as_ptr();
            self.params.mask_count = pointers.len().try_into().unwrap_or(i32::MAX);
        }
        let mut made = Scene { c: ptr::null_mut(), callbacks: self.context.callbacks.clone() };
        // SAFETY: everything that the parameters point to lives until here
        call.make(|c| unsafe { sys::kb3d_scene_create(self.context.c, &self.params, &mut made.c, c) })?;
        Ok(made)
    }
}

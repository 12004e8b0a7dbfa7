//! The C enums. A test of the raw layer makes sure that none of their numbers is missing here.
use crate::sys;

macro_rules! numbers {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $value:ident = $number:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i64)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$what])* $value = sys::$number as i64,)*
        }
    };
}

numbers!(
    /// Where the pixel work runs.
    Backend {
        /// The best that can start here.
        Auto = KB3D_BACKEND_AUTO,
        /// The processor.
        Cpu = KB3D_BACKEND_CPU,
        /// A GPU.
        Cuda = KB3D_BACKEND_CUDA,
    }
);
numbers!(
    /// How important a line of the log is.
    LogLevel {
        /// Something failed.
        Error = KB3D_LOG_ERROR,
        /// Something may be wrong.
        Warning = KB3D_LOG_WARNING,
        /// What happens.
        Info = KB3D_LOG_INFO,
        /// Everything.
        Debug = KB3D_LOG_DEBUG,
    }
);
numbers!(
    /// Where networks run.
    Networks {
        /// In the process, in a worker when that has a libtorch that no module fits.
        Auto = KB3D_NETWORKS_AUTO,
        /// In the process.
        InProcess = KB3D_NETWORKS_IN_PROCESS,
        /// In a process of their own.
        InWorker = KB3D_NETWORKS_IN_WORKER,
    }
);
numbers!(
    /// Layout of pixels.
    Format {
        /// Grey, 8 bits.
        Gray8 = KB3D_FORMAT_GRAY8,
        /// Red, green, blue.
        Rgb8 = KB3D_FORMAT_RGB8,
        /// Blue, green, red.
        Bgr8 = KB3D_FORMAT_BGR8,
        /// With alpha, straight.
        Rgba8 = KB3D_FORMAT_RGBA8,
        /// Blue first, with alpha.
        Bgra8 = KB3D_FORMAT_BGRA8,
        /// Grey, 16 bits.
        Gray16 = KB3D_FORMAT_GRAY16,
        /// 16 bits a sample.
        Rgb16 = KB3D_FORMAT_RGB16,
        /// 16 bits a sample, with alpha.
        Rgba16 = KB3D_FORMAT_RGBA16,
        /// Grey, floats.
        GrayF32 = KB3D_FORMAT_GRAYF32,
        /// Floats.
        RgbF32 = KB3D_FORMAT_RGBF32,
        /// Floats, with alpha.
        RgbaF32 = KB3D_FORMAT_RGBAF32,
        /// Planes Y, U, V; frames only.
        I420 = KB3D_FORMAT_I420,
        /// Planes Y and UV; frames only.
        Nv12 = KB3D_FORMAT_NV12,
    }
);
numbers!(
    /// What a network is for.
    Role {
        /// Picture to inverse depth.
        Depth = KB3D_MODEL_DEPTH,
        /// Picture to classes.
        Segment = KB3D_MODEL_SEGMENT,
        /// Inverse depth onto the picture's edges.
        Refine = KB3D_MODEL_REFINE,
        /// Holes to pictures.
        Inpaint = KB3D_MODEL_INPAINT,
        /// Depth for what was painted into them.
        InpaintDepth = KB3D_MODEL_INPAINT_DEPTH,
    }
);
numbers!(
    /// What the values of a depth map mean.
    DepthKind {
        /// Larger is nearer.
        Inverse = KB3D_DEPTH_INVERSE,
        /// Larger is farther.
        Z = KB3D_DEPTH_Z,
    }
);
numbers!(
    /// What a part of the picture is.
    Class {
        /// Any other thing.
        Other = KB3D_CLASS_OTHER,
        /// A person.
        Person = KB3D_CLASS_PERSON,
        /// An animal.
        Animal = KB3D_CLASS_ANIMAL,
        /// A vehicle.
        Vehicle = KB3D_CLASS_VEHICLE,
        /// The sky.
        Sky = KB3D_CLASS_SKY,
    }
);
numbers!(
    /// How much time the depth network may take.
    DepthQuality {
        /// One run.
        Normal = KB3D_DEPTH_QUALITY_NORMAL,
        /// Several runs, merged.
        High = KB3D_DEPTH_QUALITY_HIGH,
    }
);
numbers!(
    /// Depth at a stage of the pipeline.
    Stage {
        /// The scene's own.
        Refine = KB3D_STAGE_REFINE,
        /// As it was estimated or given.
        Estimate = KB3D_STAGE_ESTIMATE,
        /// With things whole.
        Adjust = KB3D_STAGE_ADJUST,
    }
);
numbers!(
    /// How the camera moves.
    Motion {
        /// A flight that uncovers little.
        Auto = KB3D_MOTION_AUTO,
        /// From one crop window to another.
        Windows = KB3D_MOTION_WINDOWS,
        /// A dolly zoom.
        Dolly = KB3D_MOTION_DOLLY,
        /// Cameras of your own.
        Cameras = KB3D_MOTION_CAMERAS,
        /// Once round about the middle.
        Circle = KB3D_MOTION_CIRCLE,
    }
);
numbers!(
    /// How t advances during a video.
    Ease {
        /// Slow at both ends.
        Smooth = KB3D_EASE_SMOOTH,
        /// Evenly.
        Linear = KB3D_EASE_LINEAR,
        /// Slow at the start.
        In = KB3D_EASE_IN,
        /// Slow at the end.
        Out = KB3D_EASE_OUT,
    }
);
numbers!(
    /// What a video does at its end.
    Loop {
        /// Nothing.
        Once = KB3D_LOOP_ONCE,
        /// It flies back.
        Bounce = KB3D_LOOP_BOUNCE,
    }
);
numbers!(
    /// How disocclusions are filled.
    Extend {
        /// By the inpainting network if there is one.
        Auto = KB3D_EXTEND_AUTO,
        /// Not at all.
        None = KB3D_EXTEND_NONE,
        /// From the background side.
        Classical = KB3D_EXTEND_CLASSICAL,
        /// By the inpainting network.
        Network = KB3D_EXTEND_NETWORK,
    }
);

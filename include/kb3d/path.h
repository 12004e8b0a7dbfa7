/**
 * @file path.h
 * @brief A path: cameras over time through a scene, and what was painted in for that flight.
 *
 * Time t is 0 at the start of a flight and 1 at its end; any real t is
 * allowed, up to a million either way. Motions by crop windows meet both windows exactly at the focus
 * depth: a point of that depth at a window's edge lies at the frame's edge.
 */
#ifndef KB3D_PATH_H
#define KB3D_PATH_H

#include <kb3d/camera.h>
#include <kb3d/scene.h>

KB3D_BEGIN

/** Cameras over time, and once prepared the points painted in for them. */
typedef struct kb3d_path kb3d_path;

/** How the camera moves. */
typedef enum kb3d_motion {
    KB3D_MOTION_AUTO = 0,    /**< a flight that uncovers little and keeps the frame filled */
    KB3D_MOTION_WINDOWS = 1, /**< from one crop window to another */
    KB3D_MOTION_DOLLY = 2,   /**< dolly zoom: the camera travels, the focal length keeps the focus depth's size */
    KB3D_MOTION_CAMERAS = 3, /**< the host's own list of cameras */
    KB3D_MOTION_CIRCLE = 4   /**< once round about the picture's middle for each unit of t; seamless with linear easing */
} kb3d_motion;

/** A crop window in pixels of the picture. All zero: derived. */
typedef struct kb3d_window {
    double center_x; /**< from the picture's left border */
    double center_y; /**< from its top border */
    double width;    /**< above 0 */
    double height;   /**< above 0 */
} kb3d_window;

/** How the focus depth is found. */
typedef enum kb3d_focus {
    KB3D_FOCUS_AUTO = 0,  /**< the nearest substantial thing in the middle of the end window */
    KB3D_FOCUS_DEPTH = 1, /**< focus_z: a depth in the scene's units */
    KB3D_FOCUS_POINT = 2  /**< focus_x, focus_y: the depth at that pixel of the picture */
} kb3d_focus;

/** How t advances during a video. */
typedef enum kb3d_ease {
    KB3D_EASE_SMOOTH = 0, /**< slow at both ends: 3 s^2 - 2 s^3 */
    KB3D_EASE_LINEAR = 1,
    KB3D_EASE_IN = 2,     /**< slow at the start: s^2 */
    KB3D_EASE_OUT = 3     /**< slow at the end: 1 - (1 - s)^2 */
} kb3d_ease;

/** What a video does at its end. */
typedef enum kb3d_loop {
    KB3D_LOOP_ONCE = 0,
    KB3D_LOOP_BOUNCE = 1 /**< there and back again, so that a player's repeat is seamless */
} kb3d_loop;

/** Parameters of kb3d_path_create. Prepare with KB3D_INIT; zero is the default. */
typedef struct kb3d_path_params {
    size_t size;        /**< sizeof(kb3d_path_params) */
    kb3d_motion motion; /**< default: automatic */
    /**
     * Start and end windows (WINDOWS and DOLLY; the others ignore them). A missing
     * one is derived: a missing `from` is the largest window of the picture's
     * shape (DOLLY without both: smaller by `zoom`, to leave room for the
     * background), a missing `to` is `from` shrunk by `zoom`. A window that leaves the picture is an error. A window of
     * another shape than the output is grown about its centre to the output's
     * shape and moved into the picture, never stretched.
     */
    kb3d_window from;
    kb3d_window to;     /**< see from */
    double zoom;        /**< ratio of window sizes, 0.001..1000; 0: 1.25 (DOLLY: 1.5); CIRCLE: above 1, what the
                             window leaves of the picture is what it circles in */
    double shift;       /**< AUTO: largest travel of the window's centre, fraction of the picture's width, up to 1, as far as the picture goes; 0: 0.08; below 0: none */
    double parallax;    /**< share of the motion made by travelling rather than by cropping, 0..1; 0: 1, held back where the depth would not bear it; below 0: none */
    kb3d_focus focus;   /**< the depth at which the windows are met; default: found by itself */
    double focus_z;     /**< a depth, above 0, in the scene's units: 1 / inverse depth */
    double focus_x;     /**< a pixel of the picture */
    double focus_y;     /**< likewise */
    kb3d_ease ease;     /**< default: smooth */
    kb3d_loop loop;     /**< default: once */
    double range_start; /**< the part of t that a video flies, within -1000..1000; both 0: 0..1 */
    double range_end;   /**< may be below range_start: then it flies backwards */
    uint64_t seed;      /**< AUTO: picks among equally good flights */
    const kb3d_camera *cameras; /**< CAMERAS: in ascending order of time; copied */
    const double *times;        /**< CAMERAS: a time for each; NULL: evenly over 0..1; copied */
    size_t camera_count;        /**< CAMERAS: 1 or more */
} kb3d_path_params;

/** How the disocclusions of a path are filled. */
typedef enum kb3d_extend {
    KB3D_EXTEND_AUTO = 0,     /**< by the context's inpainting network if it has one, else classical */
    KB3D_EXTEND_NONE = 1,     /**< nothing is painted in; frames fill their holes the quick way */
    KB3D_EXTEND_CLASSICAL = 2, /**< colour and depth from the background side */
    KB3D_EXTEND_NETWORK = 3   /**< by the inpainting network; an error without one */
} kb3d_extend;

/** Parameters of kb3d_path_prepare. Prepare with KB3D_INIT. */
typedef struct kb3d_prepare_params {
    size_t size;        /**< sizeof(kb3d_prepare_params) */
    kb3d_extend extend; /**< default: the best that can be had */
    int width;          /**< size of the frames to come; both 0: the picture's */
    int height;         /**< likewise */
} kb3d_prepare_params;

/**
 * Makes a path through a scene. Milliseconds; AUTO searches on a small copy.
 *
 * @param scene       the scene; the path keeps what it needs of it
 * @param params      NULL: defaults
 * @param[out] path   the new path, to be freed with kb3d_path_destroy; NULL on failure
 * @param call        may be NULL; stage "search"
 * @return KB3D_OK; ARGUMENT (a window outside the picture, a focus that is not
 *         there, cameras that are no cameras); MEMORY; CANCELLED
 *
 * Thread-safety: safe; several paths may fly through one scene.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_path_create(const kb3d_scene *scene, const kb3d_path_params *params,
                                                    kb3d_path **path, kb3d_call *call);

/**
 * Gives the path back and sets the handle to NULL. NULL and a NULL handle are
 * accepted. Thread-safety: no other call may use this handle at the same time.
 */
KB3D_API void kb3d_path_destroy(kb3d_path **path);

/**
 * Paints in what the flight will uncover, once: views of the range that will
 * be flown (start, end, and between) are searched for disocclusions and for
 * parts beyond the picture's border, these are filled with colour and depth
 * from the background side, and become points of this path. Frames then need
 * no fill of their own and do not flicker. Costs about as much as fifty
 * frames, and memory for the painted parts; docs/performance.md has
 * figures. A second call replaces the first one's points.
 *
 * @param path    the path
 * @param params  NULL: defaults
 * @param call    may be NULL; stage "extend"
 * @return KB3D_OK; ARGUMENT; LIMIT; MEMORY; CANCELLED; of the inpainting
 *         network IO, FORMAT, MODEL, UNAVAILABLE (after any of them the path
 *         is as it was)
 *
 * Thread-safety: no other call may use this path at the same time.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_path_prepare(kb3d_path *path, const kb3d_prepare_params *params,
                                                     kb3d_call *call);

/**
 * Where a video is in time: eases, loops and maps onto the path's range.
 * @param path      the path
 * @param progress  0 at the video's first frame, 1 at its last
 * @param[out] t    time on the path
 * @param call      may be NULL
 * @return KB3D_OK or ARGUMENT. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_path_get_time(const kb3d_path *path, double progress, double *t,
                                                      kb3d_call *call);

/**
 * Answers the camera at a time, for a frame of the given size in pixels.
 * @param path         the path
 * @param t            time on the path, any real number
 * @param width        of the frame
 * @param height       of the frame
 * @param[out] camera  prepared with KB3D_INIT
 * @param call         may be NULL
 * @return KB3D_OK or ARGUMENT. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_path_get_camera(const kb3d_path *path, double t, int width, int height,
                                                        kb3d_camera *camera, kb3d_call *call);

KB3D_END

#endif

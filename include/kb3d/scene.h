/**
 * @file scene.h
 * @brief A scene: one picture with depth, as surfaces that a camera can fly through.
 */
#ifndef KB3D_SCENE_H
#define KB3D_SCENE_H

#include <kb3d/camera.h>
#include <kb3d/context.h>
#include <kb3d/image.h>

KB3D_BEGIN

/** Picture, depth and points; made once, never changed, flown through by many paths. */
typedef struct kb3d_scene kb3d_scene;

/** What the values of a host's depth map mean. */
typedef enum kb3d_depth_kind {
    KB3D_DEPTH_INVERSE = 0, /**< 1 / z: larger is nearer, 0 is infinitely far; below 0, from 1e30 on, and NaN: unknown */
    KB3D_DEPTH_Z = 1        /**< z: larger is farther, +inf is infinitely far; 0 and below and NaN unknown */
} kb3d_depth_kind;

/** Parameters of kb3d_scene_create. Prepare with KB3D_INIT. */
typedef struct kb3d_scene_params {
    size_t size;                /**< sizeof(kb3d_scene_params) */
    const kb3d_source *picture; /**< needed. Any format that stb_image reads; EXIF orientation is applied */
    /**
     * The host's depth map, or NULL for the context's depth network. Grey, 8
     * bit (v / 255), 16 bit (v / 65535) or float (as it is); as a file also
     * PFM. Its size may differ from the picture's, then it is resampled along
     * the picture's edges. Trusted: its units stay the units of the scene.
     * Unknown values are filled from the farther neighbour.
     */
    const kb3d_source *depth;
    kb3d_depth_kind depth_kind; /**< of the host's map */
    int refine_depth;           /**< non-zero: snap a host map of the picture's size to the picture's edges too */
    double focal_px;            /**< focal length in pixels of the picture; 0: EXIF, else 28 mm equivalent */
} kb3d_scene_params;

/** What kb3d_scene_get_info fills. Prepare with KB3D_INIT. */
typedef struct kb3d_scene_info {
    size_t size;         /**< sizeof(kb3d_scene_info) */
    int width;           /**< of the picture, after EXIF orientation */
    int height;          /**< likewise */
    int has_alpha;       /**< some pixel is not opaque */
    double focal_px;     /**< the focal length in use */
    int focal_is_guess;  /**< neither the host nor the file gave it */
    double inverse_depth_min; /**< of the known values, in the scene's units */
    double inverse_depth_max; /**< likewise */
    const char *depth_source; /**< "host", or the name of the network; lives as long as the scene */
} kb3d_scene_info;

/** Depth at a stage of the pipeline. */
typedef enum kb3d_stage {
    KB3D_STAGE_REFINE = 0,  /**< the scene's final inverse depth, of the picture's size */
    KB3D_STAGE_ESTIMATE = 1 /**< before refinement: the network's or the host's own values, at their own size */
} kb3d_stage;

/**
 * Builds a scene: decode, estimate or read depth, refine it at the picture's
 * edges, find where the surface tears, and cut it into planar patches.
 * Needs about 12 bytes a pixel for an 8 bit picture, 20 for 16 bit, 28 for float.
 *
 * @param ctx          the context
 * @param params       see there
 * @param[out] scene   the new scene, to be freed with kb3d_scene_destroy; NULL on failure
 * @param call         may be NULL; stages "decode", "depth", "refine", "surface"
 * @return KB3D_OK; ARGUMENT; IO; FORMAT; UNSUPPORTED; LIMIT; MEMORY; MODEL
 *         (also when there is neither a depth map nor a network); UNAVAILABLE;
 *         CANCELLED
 *
 * Thread-safety: safe; several scenes of one context may be built at once.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_scene_create(kb3d_ctx *ctx, const kb3d_scene_params *params,
                                                     kb3d_scene **scene, kb3d_call *call);

/**
 * Gives the scene back and sets the handle to NULL. NULL and a NULL handle are
 * accepted. Paths keep what they need of it.
 * Thread-safety: no other call may use this handle at the same time.
 */
KB3D_API void kb3d_scene_destroy(kb3d_scene **scene);

/** Answers what the scene is. @return KB3D_OK or ARGUMENT. Thread-safety: safe. */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_scene_get_info(const kb3d_scene *scene, kb3d_scene_info *info,
                                                       kb3d_call *call);

/**
 * Answers the camera that took the picture: identity, the picture's size, its
 * focal length, principal point in the middle. A start for the host's own.
 * @param scene        the scene
 * @param[out] camera  prepared with KB3D_INIT
 * @param call         may be NULL
 * @return KB3D_OK or ARGUMENT. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_scene_get_camera(const kb3d_scene *scene, kb3d_camera *camera,
                                                         kb3d_call *call);

/**
 * Answers the size of a stage's depth map.
 * @return KB3D_OK or ARGUMENT. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_scene_get_depth_size(const kb3d_scene *scene, kb3d_stage stage,
                                                             int *width, int *height, kb3d_call *call);

/**
 * Writes a stage's inverse depth into the host's image, larger = nearer.
 *
 * @param scene  the scene
 * @param stage  which
 * @param image  KB3D_FORMAT_GRAYF32: as it is. KB3D_FORMAT_GRAY16: divided by
 *               the largest value, times 65535. Its size must be the stage's.
 * @param call   may be NULL
 * @return KB3D_OK or ARGUMENT. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_scene_get_depth(const kb3d_scene *scene, kb3d_stage stage,
                                                        const kb3d_image *image, kb3d_call *call);

KB3D_END

#endif

/**
 * @file scene.h
 * @brief A scene: one picture with depth, as surfaces that a camera can fly through.
 */
#ifndef KB3D_SCENE_H
#define KB3D_SCENE_H

#include <kb3d/camera.h>
#include <kb3d/context.h>
#include <kb3d/image.h>
#include <kb3d/model.h>

KB3D_BEGIN

/** Picture, depth and points; made once, never changed, flown through by many paths. */
typedef struct kb3d_scene kb3d_scene;

/** What the values of a host's depth map mean. */
typedef enum kb3d_depth_kind {
    KB3D_DEPTH_INVERSE = 0, /**< 1 / z: larger is nearer, 0 is infinitely far; below 0, from 1e30 on, and NaN: unknown */
    KB3D_DEPTH_Z = 1        /**< z: larger is farther, +inf is infinitely far; 0 and below and NaN unknown */
} kb3d_depth_kind;

/** What a part of the picture is. */
typedef enum kb3d_class {
    KB3D_CLASS_OTHER = 0,  /**< a thing of any other kind, such as an editor's selection */
    KB3D_CLASS_PERSON = 1,
    KB3D_CLASS_ANIMAL = 2,
    KB3D_CLASS_VEHICLE = 3,
    KB3D_CLASS_SKY = 4
} kb3d_class;

/**
 * A mask of the host's. Everything but the sky is one thing that stays whole;
 * the sky becomes the farthest. Prepare with KB3D_INIT.
 */
typedef struct kb3d_mask {
    size_t size;               /**< sizeof(kb3d_mask) */
    kb3d_class kind;           /**< what it shows */
    const kb3d_source *source; /**< grey; of the picture's shape, any size; above half is in it */
} kb3d_mask;

/** How much time the depth network may take. */
typedef enum kb3d_depth_quality {
    KB3D_DEPTH_QUALITY_NORMAL = 0, /**< one run, at the network's own size */
    KB3D_DEPTH_QUALITY_HIGH = 1    /**< four runs, mirrored and at another size, merged */
} kb3d_depth_quality;

/** Stages that can be left out, to be or-ed. */
typedef enum kb3d_skip {
    KB3D_SKIP_ADJUST = 1, /**< depth of people, animals, vehicles and sky as it was estimated */
    KB3D_SKIP_REFINE = 2  /**< depth enlarged smoothly, whatever the picture's edges */
} kb3d_skip;

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
    const kb3d_mask *const *masks; /**< the host's own masks, used in the segmentation network's place; NULL: none */
    int mask_count;             /**< of masks, 0..256 */
    kb3d_depth_quality depth_quality; /**< of the network's depth */
    int skip;                   /**< kb3d_skip values or-ed */
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
    KB3D_STAGE_ESTIMATE = 1, /**< the network's or the host's own values, at their own size */
    KB3D_STAGE_ADJUST = 2   /**< of the same size, with things whole and the sky farthest; not yet refined */
} kb3d_stage;

/**
 * Builds a scene: decode, estimate or read depth, keep people, animals and
 * vehicles whole (a network's depth only, unless masks are given), refine it at
 * the picture's edges, find where the surface tears, and cut it into planar patches.
 * Needs about 12 bytes a pixel for an 8 bit picture, 20 for 16 bit, 28 for float.
 *
 * @param ctx          the context
 * @param params       see there
 * @param[out] scene   the new scene, to be freed with kb3d_scene_destroy; NULL on failure
 * @param call         may be NULL; stages "decode", "depth", "adjust", "refine", "surface"
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

/**
 * Answers which network made a part of the scene.
 * @return KB3D_OK; ARGUMENT; MODEL when none of that role had a part in it.
 * Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_scene_get_model(const kb3d_scene *scene, kb3d_model_role role,
                                                        kb3d_model_info *info, kb3d_call *call);

KB3D_END

#endif

/**
 * @file render.h
 * @brief Frames into the host's own buffers.
 */
#ifndef KB3D_RENDER_H
#define KB3D_RENDER_H

#include <kb3d/path.h>

KB3D_BEGIN

/** The images of one frame. All given ones have the same size. Prepare with KB3D_INIT. */
typedef struct kb3d_frame {
    size_t size;             /**< sizeof(kb3d_frame) */
    const kb3d_image *color; /**< any format but GRAY16 and GRAYF32; may be NULL when another is given */
    /** Inverse depth as seen from the frame's camera, KB3D_FORMAT_GRAYF32, 0 = nothing there or infinitely far; may be NULL. */
    const kb3d_image *depth;
    /** KB3D_FORMAT_GRAY8: 255 where the picture shows nothing and the frame was painted in, else 0; may be NULL. */
    const kb3d_image *painted;
    /**
     * A cudaStream_t of the host's: the frame is made after what is in it, and what is put into it later comes after
     * the frame. When all images lie on the device the call does not wait for them. NULL: none; all is done on return.
     */
    void *stream;
} kb3d_frame;

/**
 * Renders the frame at time t. A path that has been prepared shows its painted
 * points; holes that remain are filled the quick way, each frame by itself.
 * Same bytes for any number of threads and any SIMD level.
 *
 * @param path   the path, prepared or not
 * @param t      time on the path, within a million of 0
 * @param frame  where to
 * @param call   may be NULL; stage "render"
 * @return KB3D_OK; ARGUMENT; LIMIT; MEMORY; CANCELLED (the buffers then hold
 *         part of a frame)
 *
 * Thread-safety: safe, in any order and several at once.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_path_render(const kb3d_path *path, double t, const kb3d_frame *frame,
                                                    kb3d_call *call);

/**
 * Renders `count` frames, as kb3d_path_render does one by one. On the CUDA
 * backend the copying of one frame overlaps the rendering of the next.
 *
 * @param path   the path, prepared or not
 * @param times  of the frames
 * @param frames where to; each as large as the first one's size says. Frames with a stream must all have the same
 * @param count  0 or more
 * @param call   may be NULL; stage "render"
 * @return as kb3d_path_render, at the first frame that fails
 *
 * Thread-safety: safe, in any order and several at once.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_path_render_many(const kb3d_path *path, const double *times,
                                                         const kb3d_frame *frames, size_t count, kb3d_call *call);

KB3D_END

#endif

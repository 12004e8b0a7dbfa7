/* The kinds of video files, and how they are encoded. The Python binding's wheel is made from this text too. */
#ifndef KB3D_TOOLS_KINDS_H
#define KB3D_TOOLS_KINDS_H

/* What the encoders of all kinds with planes are told of the renderer's colours. */
#define KB3D_VIDEO_COLORS                                                                                           \
    "color_range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709:chroma_sample_location=left"

/*
 * extension, libav's encoder, its options, its tag ("": libav's own), planes (sides have to be even), MIME type, text.
 * H.264 as browsers, telephones and televisions play it; the others in their encoders' good and quick settings: VP9 by
 * quality alone, in as many columns as the width allows; MPEG-4 with a quantiser of 3 and a tag that more players know.
 */
/* clang-format off */
#define KB3D_VIDEO_KINDS(KIND) \
    KIND(".mp4", "libx264", "preset=veryfast:crf=20:profile=high", "", true, "video/mp4", "H.264, plays everywhere") \
    KIND(".webm", "libvpx-vp9", "deadline=good:cpu-used=5:row-mt=1:tile-columns=6:crf=31:b=0", "", true, "video/webm", "VP9") \
    KIND(".avi", "mpeg4", "flags=+qscale:global_quality=354:bf=1", "XVID", true, "video/x-msvideo", "MPEG-4") \
    KIND(".gif", "gif", "", "", false, "image/gif", "256 colours")
/* clang-format on */

#endif

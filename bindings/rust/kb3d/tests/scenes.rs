//! A ball before a wall: scenes, frames, errors, progress, networks, threads.
use kb3d::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

const WIDTH: usize = 90;
const HEIGHT: usize = 60;

fn is_ball(i: usize) -> bool {
    let (x, y) = ((i % WIDTH) as i32 - 45, (i / WIDTH) as i32 - 30);
    x * x + y * y < 15 * 15
}

fn picture() -> Vec<u8> {
    (0..WIDTH * HEIGHT)
        .flat_map(
            |i| if is_ball(i) { [220, 120, 60] } else { [(i * 3) as u8, (i / WIDTH * 4) as u8, (i * 7) as u8] },
        )
        .collect()
}

fn depth() -> Vec<f32> {
    (0..WIDTH * HEIGHT).map(|i| if is_ball(i) { 0.8 } else { 0.2 }).collect()
}

fn context() -> Context {
    Context::builder().threads(2).model_path("").build().unwrap()
}

fn scene(context: &Context) -> Scene {
    let (picture, depth) = (picture(), depth());
    let view = View::new(&picture, WIDTH, HEIGHT, Format::Rgb8).unwrap();
    let map = View::new(&depth, WIDTH, HEIGHT, Format::GrayF32).unwrap();
    Scene::builder(context, Source::pixels(view)).depth(Source::pixels(map), DepthKind::Inverse).build().unwrap()
}

#[test]
fn a_scene_tells() {
    let context = context();
    let scene = scene(&context);
    let info = scene.info().unwrap();
    assert_eq!((info.width, info.height, info.has_alpha), (WIDTH, HEIGHT, false));
    assert_eq!(info.depth_source, "host");
    assert!(scene.camera().unwrap().focal_px > 0.0);
    let map = scene.depth::<f32>(Stage::Refine).unwrap();
    assert!((map.samples()[30 * WIDTH + 45] - 0.8).abs() < 0.05);
    assert_eq!(scene.depth::<u16>(Stage::Estimate).unwrap().samples().iter().max(), Some(&65535));
    assert_eq!(scene.depth::<u8>(Stage::Refine).unwrap_err().status(), Status::Argument);
    assert_eq!(scene.model(Role::Depth).unwrap_err().status(), Status::Model);
    assert_eq!(context.info().unwrap().threads, 2);
    assert!(!version().is_empty());
    probe(Backend::Cpu).unwrap();
    assert!(devices(Backend::Cpu).unwrap().is_empty());
}

#[test]
fn frames_into_memory_of_mine() {
    let mut path = Path::new(&scene(&context())).unwrap();
    path.prepare(48, 32).unwrap();
    let frame = path.render_image::<u8>(0.5, 48, 32, Format::Rgb8).unwrap();
    let stride = 48 * 3 + 10;
    let mut mine = vec![7u8; stride * 32];
    path.render(0.5, ViewMut::with_stride(&mut mine, 48, 32, Format::Rgb8, stride, true).unwrap()).unwrap();
    for y in 0..32 {
        let row = &mine[(31 - y) * stride..][..stride];
        assert_eq!(row[..144], frame.samples()[y * 144..][..144]);
        assert!(row[144..].iter().all(|&byte| byte == 7));
    }
    let mut near = Image::<f32>::new(48, 32, Format::GrayF32).unwrap();
    let mut painted = Image::<u8>::new(48, 32, Format::Gray8).unwrap();
    let mut layers =
        Frame { depth: Some(near.view_mut().unwrap()), painted: Some(painted.view_mut().unwrap()), color: None };
    path.render_frame(0.0, &mut layers, &mut Call::new()).unwrap();
    assert!((near.samples()[16 * 48 + 24] - 0.8).abs() < 0.1);
    for format in [Format::I420, Format::Nv12] {
        assert_eq!(path.render_image::<u8>(0.5, 47, 31, format).unwrap().samples().len(), 47 * 31 + 2 * 24 * 16);
    }
    path.render_image::<u16>(0.5, 48, 32, Format::Rgba16).unwrap();
    path.render_image::<f32>(0.5, 48, 32, Format::RgbF32).unwrap();
}

#[test]
fn views_that_do_not_hold_their_pixels() {
    let mut few = vec![0u8; 100];
    assert!(View::new(&few, 10, 10, Format::Rgb8).is_err());
    assert!(View::new(&few, 0, 10, Format::Gray8).is_err());
    assert!(View::new(&few, 10, 10, Format::Rgb16).is_err());
    assert!(View::with_stride(&few, 10, 10, Format::Gray8, 9).is_err());
    assert!(View::with_stride(&few, 10, 10, Format::Gray8, usize::MAX).is_err());
    assert!(View::new(&few, usize::MAX, 2, Format::Gray8).is_err());
    assert!(ViewMut::new(&mut few, 10, 10, Format::I420).is_err());
    assert!(ViewMut::with_stride(&mut few, 8, 8, Format::I420, 0, true).is_err());
    assert!(View::new(&[0u16; 100], 8, 8, Format::Nv12).is_err());
    assert!(Image::<u8>::new(usize::MAX, 3, Format::Gray8).is_err());
    assert!(Image::<u16>::new(4, 4, Format::Rgb8).is_err());
    let path = Path::new(&scene(&context())).unwrap();
    let gray = path.render_image::<u8>(0.0, 8, 8, Format::Gray8);
    assert!(gray.is_ok()); // of grey, 16 bits and floats are none
    assert_eq!(path.render_image::<u16>(0.0, 8, 8, Format::Gray16).unwrap_err().status(), Status::Argument);
}

#[test]
fn paths() {
    let context = context();
    let scene = scene(&context);
    let camera = scene.camera().unwrap();
    let moved = Camera { translation: [-0.1, 0.0, 0.0], ..camera };
    let path = Path::builder(&scene).cameras(&[camera, moved], Some(&[0.0, 2.0])).build().unwrap();
    drop(scene); // a path keeps what it needs
    drop(context);
    assert!((path.camera(1.0, 90, 60).unwrap().translation[0] + 0.05).abs() < 1e-9);
    path.render_image::<u8>(1.0, 48, 32, Format::Bgra8).unwrap();

    let context = self::context();
    let scene = self::scene(&context);
    for motion in [Motion::Auto, Motion::Dolly, Motion::Circle] {
        let path = Path::builder(&scene).motion(motion).zoom(1.3).ease(Ease::Linear).looping(Loop::Bounce).seed(3);
        let path = path.range(-0.5, 1.5).parallax(0.0).shift(0.0).focus_point(45.0, 30.0).build().unwrap();
        assert!((path.time(0.5).unwrap() - 1.5).abs() < 1e-12);
    }
    let window = Window { center_x: 45.0, center_y: 30.0, width: 45.0, height: 30.0 };
    Path::builder(&scene).windows(None, Some(window)).focus_depth(2.0).build().unwrap();
    let outside = Window { center_x: 0.0, ..window };
    let error = Path::builder(&scene).windows(Some(outside), None).build().err().unwrap();
    assert!(error.status() == Status::Argument && error.to_string().contains("leaves the picture"));
    assert!(Path::builder(&scene).cameras(&[camera], Some(&[0.0, 1.0])).build().is_err());
}

#[test]
fn errors() {
    let context = context();
    let error = Scene::new(&context, Source::file("no such file.jpg")).err().unwrap();
    assert!(error.status() == Status::Io && error.message().contains("no such file.jpg"));
    let error = Scene::new(&context, Source::contents(b"not a picture")).err().unwrap();
    assert_eq!(error.status(), Status::Format);
    assert!(Scene::new(&context, Source::file("a\0b")).is_err());
    let pixels = picture();
    let source = || Source::pixels(View::new(&pixels, WIDTH, HEIGHT, Format::Rgb8).unwrap());
    assert_eq!(Scene::new(&context, source()).err().unwrap().status(), Status::Model);
    let small = Context::builder().pixel_limit(100).memory_limit(1 << 30).backend(Backend::Cpu).build().unwrap();
    assert_eq!(Scene::new(&small, source()).err().unwrap().status(), Status::Limit);
    assert_eq!(context.add_model(Role::Depth, Model::file("./nowhere.pt")).unwrap_err().status(), Status::Io);
    assert_eq!(context.model(Role::Depth).unwrap_err().status(), Status::Model);
}

#[test]
fn masks() {
    let (picture, near) = (picture(), depth());
    let ball: Vec<u8> = (0..WIDTH * HEIGHT).map(|i| if is_ball(i) { 255 } else { 0 }).collect();
    let scene =
        Scene::builder(&context(), Source::pixels(View::new(&picture, WIDTH, HEIGHT, Format::Rgb8).unwrap()))
            .depth(Source::pixels(View::new(&near, WIDTH, HEIGHT, Format::GrayF32).unwrap()), DepthKind::Inverse)
            .mask(Class::Sky, Source::pixels(View::new(&ball, WIDTH, HEIGHT, Format::Gray8).unwrap()))
            .quality(DepthQuality::High)
            .focal_px(100.0)
            .refine_depth()
            .build()
            .unwrap();
    assert!(scene.depth::<f32>(Stage::Adjust).unwrap().samples()[30 * WIDTH + 45] < 0.25);
    assert!(!scene.info().unwrap().focal_is_guess);
}

#[test]
fn progress_and_cancel() {
    let mut path = Path::new(&scene(&context())).unwrap();
    let mut stages = Vec::new();
    let mut call = Call::with_progress(|stage, fraction| {
        stages.push((stage.to_string(), fraction));
        ControlFlow::Continue(())
    });
    path.prepare_with(48, 32, Extend::Auto, &mut call).unwrap();
    drop(call);
    assert!(stages.len() > 1 && stages.iter().all(|(stage, _)| stage == "extend"));

    let mut call = Call::with_progress(|_, _| ControlFlow::Break(()));
    assert_eq!(path.prepare_with(48, 32, Extend::Auto, &mut call).unwrap_err().status(), Status::Cancelled);

    let mut call = Call::new();
    let canceller = call.canceller();
    std::thread::spawn(move || canceller.cancel()).join().unwrap();
    assert_eq!(path.prepare_with(48, 32, Extend::Classical, &mut call).unwrap_err().status(), Status::Cancelled);
    call.reset();
    path.prepare_with(48, 32, Extend::None, &mut call).unwrap();
    let canceller = call.canceller();
    drop(call);
    canceller.cancel(); // of a call that is gone
}

#[test]
fn a_panic_goes_round_the_library() {
    let mut path = Path::new(&scene(&context())).unwrap();
    let mut call = Call::with_progress(|_, _| panic!("mine"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        path.prepare_with(48, 32, Extend::Auto, &mut call).unwrap();
    }));
    assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "mine");
    path.prepare(48, 32).unwrap();
}

fn gradient(run: &mut Run) -> std::result::Result<(), String> {
    let inputs = run.inputs();
    let (height, width) = (inputs[0].shape[2], inputs[0].shape[3]);
    assert!(run.entry() == "forward" && run.output_count() == 1 && run.threads() > 0 && !run.is_cancelled());
    let answer = run.answer(0, &[1, 1, height, width])?;
    for (i, value) in answer.iter_mut().enumerate() {
        *value = i as f32 + inputs[0].data[i];
    }
    Ok(())
}

#[test]
fn networks() {
    let pixels = picture();
    let source = || Source::pixels(View::new(&pixels, WIDTH, HEIGHT, Format::Rgb8).unwrap());
    let lines = Arc::new(AtomicUsize::new(0));
    let counted = lines.clone();
    let logging = Context::builder().model_path("").log(LogLevel::Debug, move |_, line| {
        assert!(!line.is_empty());
        counted.fetch_add(1, Ordering::Relaxed);
        panic!("into nowhere");
    });
    let context = logging.networks(Networks::Auto, 0, 0).build().unwrap();
    context.add_model(Role::Depth, Model::function(gradient)).unwrap();
    let painted = Arc::new(AtomicUsize::new(0));
    let count = painted.clone();
    let paint = move |run: &mut Run| {
        count.fetch_add(1, Ordering::Relaxed);
        let shape = run.inputs()[0].shape.to_vec();
        run.answer(0, &shape).map(|_| ())
    };
    context.add_model(Role::Inpaint, Model::function(paint)).unwrap();
    assert_eq!(Scene::new(&context, source()).unwrap().model(Role::Depth).unwrap().runtime, "host");
    let scene = scene(&context);
    let camera = scene.camera().unwrap();
    let moved = Camera { translation: [-0.4, 0.0, 0.0], ..camera }; // far enough for holes
    let mut path = Path::builder(&scene).cameras(&[camera, moved], None).build().unwrap();
    drop(scene);
    drop(context); // its functions stay
    path.prepare_with(96, 64, Extend::Network, &mut Call::new()).unwrap();
    assert!(painted.load(Ordering::Relaxed) > 0 && lines.load(Ordering::Relaxed) > 0);

    let manifest = r#"{"kb3d_manifest": 1, "role": "depth", "name": "mine", "output": "disparity"}"#;
    let cases: [(Model, &str); 4] = [
        (Model::function(|_| Err("out of ideas".into())), "out of ideas"),
        (Model::function(|_| panic!("no {}", "more")), "no more"),
        (Model::function(|run| run.answer(3, &[1]).map(|_| ())), "no answer 3"),
        (Model::function(|_| Ok(())).manifest(manifest), "gave no answer"),
    ];
    for (model, why) in cases {
        let context = self::context();
        context.add_model(Role::Depth, model).unwrap();
        let error = Scene::new(&context, source()).err().unwrap();
        assert!(error.status() == Status::Model && error.message().contains(why), "{error}");
    }
    let context = self::context();
    assert!(context.add_model(Role::Depth, Model::function(gradient).manifest("{")).is_err());
}

#[test]
fn many_frames() {
    let context = context();
    let path = Path::new(&scene(&context)).unwrap();
    let mut images: Vec<_> = (0..3).map(|_| Image::<u8>::new(48, 32, Format::Rgb8).unwrap()).collect();
    {
        let mut frames: Vec<_> =
            images.iter_mut().map(|i| Frame { color: Some(i.view_mut().unwrap()), ..Frame::default() }).collect();
        path.render_many(&[0.0, 0.3, 1.0], &mut frames, &mut Call::new()).unwrap();
        assert!(path.render_many(&[0.0], &mut frames, &mut Call::new()).is_err());
    }
    assert_eq!(images[1], path.render_image::<u8>(0.3, 48, 32, Format::Rgb8).unwrap());
    assert_ne!(images[0], images[1]);
}

#[test]
fn threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let context = context();
    let scene = scene(&context);
    let mut path = Path::new(&scene).unwrap();
    path.prepare(48, 32).unwrap();
    is_shared(&context);
    is_shared(&scene);
    is_shared(&path);
    let want = path.render_image::<u8>(0.3, 48, 32, Format::Rgb8).unwrap();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                assert_eq!(path.render_image::<u8>(0.3, 48, 32, Format::Rgb8).unwrap(), want);
                let mut own = Path::new(&scene).unwrap();
                own.prepare(48, 32).unwrap();
                assert_eq!(own.render_image::<u8>(0.3, 48, 32, Format::Rgb8).unwrap(), want);
            });
        }
    });
}

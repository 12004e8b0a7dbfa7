//! A flight into frames: flight PICTURE DEPTH_MAP FOLDER
use kb3d::{Call, Context, DepthKind, Ease, Format, Motion, Path, Scene, Source};
use std::error::Error;
use std::io::Write;
use std::ops::ControlFlow;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().collect();
    let (picture, depth, folder) = match &words[..] {
        [_, picture, depth, folder] => (picture, depth, folder),
        _ => return Err("flight PICTURE DEPTH_MAP FOLDER".into()),
    };
    let mut call = Call::with_progress(|stage, fraction| {
        eprint!("\r{stage:8} {:3.0} %", 100.0 * fraction);
        ControlFlow::Continue(())
    });
    let context = Context::new()?;
    let scene = Scene::builder(&context, Source::file(picture))
        .depth(Source::file(depth), DepthKind::Inverse)
        .build_with(&mut call)?;
    let info = scene.info()?;
    let (width, height) = (info.width / 2, info.height / 2);
    let mut path = Path::builder(&scene).motion(Motion::Circle).ease(Ease::Linear).build()?;
    path.prepare_with(width, height, kb3d::Extend::Auto, &mut call)?;
    eprintln!();
    const FRAMES: u32 = 12;
    for i in 0..FRAMES {
        let t = path.time(f64::from(i) / f64::from(FRAMES))?;
        let frame = path.render_image::<u8>(t, width, height, Format::Rgb8)?;
        let mut file = std::fs::File::create(format!("{folder}/frame_{i:02}.ppm"))?;
        write!(file, "P6\n{width} {height}\n255\n")?;
        file.write_all(frame.samples())?;
    }
    Ok(())
}

//! The files of a mappings folder, as the pure `gateway_mapping` wants them: paths and texts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gateway_mapping::Source;
use gateway_model::{Diagnostic, Place, codes};

/// The files, and what of the folder could not be read.
#[derive(Debug, Default)]
pub struct MappingFiles {
    /// Vocabulary, dialects, templates, fragments and tables, in order of path.
    pub sources: Vec<Source>,
    /// Files and folders that cannot be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// What mapping files are called; everything else in the folder (a README, say) is for people.
const EXTENSIONS: &[&str] = &["toml", "xml", "csv"];

/// Folders inside each other: `<dialect>/tables/` is the deepest, one more is for those who like order.
const DEEPEST: usize = 4;

/// Reads all mapping files below the folder. Hidden files are left out.
#[must_use]
pub fn read(folder: &Path) -> MappingFiles {
    let mut files = MappingFiles::default();
    files.walk(folder, folder, 0);
    files.sources.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

// === impl MappingFiles ===

impl MappingFiles {
    fn walk(&mut self, root: &Path, folder: &Path, depth: usize) {
        let paths = fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
        });
        let paths = match paths {
            Ok(paths) => paths,
            Err(error) => return self.unreadable(root, folder, &error),
        };
        for path in paths.into_iter().filter(|path| !is_hidden(path)) {
            if path.is_dir() {
                if depth < DEEPEST {
                    self.walk(root, &path, depth + 1);
                }
            } else if path
                .extension()
                .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
            {
                match fs::read_to_string(&path) {
                    Ok(text) => self.sources.push(Source { path: relative(root, &path), text }),
                    Err(error) => self.unreadable(root, &path, &error),
                }
            }
        }
    }

    fn unreadable(&mut self, root: &Path, path: &Path, error: &io::Error) {
        let name = relative(root, path);
        let message = format!("`{}` cannot be read: {error}", path.display());
        let place = Place { file: name, span: 0..0 };
        self.diagnostics.push(Diagnostic::error(codes::CONFIG_FILE, place, message));
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'))
}

fn relative(root: &Path, path: &Path) -> String {
    let below: PathBuf = path.strip_prefix(root).unwrap_or(path).to_owned();
    let parts: Vec<_> =
        below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::read;

    #[test]
    fn mapping_files_are_found_at_any_depth_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for path in
            ["vocabulary.toml", "README.md", ".hidden.toml", "d/dialect.toml", "d/M.xml", "d/tables/unit.csv"]
        {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let files = read(folder.path());
        let paths: Vec<&str> = files.sources.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["d/M.xml", "d/dialect.toml", "d/tables/unit.csv", "vocabulary.toml"]);
        assert!(files.diagnostics.is_empty());
    }

    #[test]
    fn a_file_that_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("vocabulary.toml"), b"\xff\xfe").unwrap();
        let files = read(folder.path());
        assert_eq!(files.diagnostics.len(), 1);
        assert_eq!(files.diagnostics[0].place.file, "vocabulary.toml");
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_fault() {
        let files = read(std::path::Path::new("no/such/folder"));
        assert!(files.diagnostics[0].message.contains("no/such/folder"), "{:?}", files.diagnostics);
    }
}

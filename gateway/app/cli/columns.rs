//! Lines of cells in columns.

/// The lines, each cell as wide as the widest of its column; the columns named by their place in `right` end at one line
/// below each other, as numbers do. Control characters, which could move a terminal's cursor, are not shown.
pub(super) fn aligned<L: AsRef<[String]>>(lines: &[L], right: &[usize]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        for (place, cell) in line.as_ref().iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(place) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for line in lines {
        let cells = line.as_ref().iter().zip(&widths).enumerate().map(|(place, (cell, width))| {
            let cell = cell.replace(char::is_control, "\u{fffd}");
            if right.contains(&place) { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn columns_are_as_wide_as_they_have_to_be() {
        let line = |cells: [&str; 3]| cells.map(str::to_owned);
        let lines =
            [line(["where", "how many", ""]), line(["Köln", "5", ""]), line(["a\u{9b}b", "1000", "x"])];
        assert_eq!(aligned(&lines, &[1]), "where  how many\nKöln          5\na\u{fffd}b        1000  x\n");
        assert_eq!(aligned::<[String; 1]>(&[], &[]), "");
    }
}

//! From the rows of one document to its levels: rows that agree in what tells cartons apart are one carton.
//!
//! ```text
//! S1, 45000, carton 1, item A          S1 ── 45000 ─┬─ carton 1 ─┬─ A
//! S1, 45000, carton 1, item B    ->                 │            └─ B
//! S1, 45000, carton 2, item A                       └─ carton 2 ─── A
//! ```

use std::collections::HashMap;

use super::record::{Cell, Group, Position};
use crate::config::map::fields::ScopeRole;
use crate::config::map::{BlankCells, Csv, Map};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::files;

/// The document of the rows; contradictions between rows are added to the faults.
pub(super) fn merge(
    rows: &[(u64, Vec<Cell>)],
    first_line: u64,
    file: &str,
    map: &Map,
    csv: &Csv,
    faults: &mut Vec<Diagnostic>,
) -> Group {
    let mut merging = Merging { file, map, faults, levels: levels(map), instances: HashMap::new() };
    let position = Position { line: first_line, column: 0 };
    let mut root = Group { scope: 0, cells: Vec::new(), groups: Vec::new(), position };
    let mut above: Vec<Cell> = Vec::new();
    for (line, cells) in rows {
        let mut cells = cells.clone();
        if csv.blank_cells == BlankCells::Continue {
            merging.carry_down(&above, &mut cells);
            above = cells.clone();
        }
        merging.add(&mut root, &cells, Position { line: *line, column: 0 });
    }
    root
}

/// The scopes that a row has one instance of, outermost first, without the document itself.
fn levels(map: &Map) -> Vec<usize> {
    let is_level = |scope: &usize| map.has(*scope) && map.scopes()[*scope].role != ScopeRole::Beside;
    (1..map.scopes().len()).filter(is_level).collect()
}

struct Merging<'m> {
    file: &'m str,
    map: &'m Map,
    faults: &'m mut Vec<Diagnostic>,
    levels: Vec<usize>,
    /// By the way to a parent from the root, a key field and its text: the instances in the parent that have it.
    ///
    /// Without it, a shipment of many thousand cartons would compare every row with every carton.
    instances: HashMap<(Vec<usize>, usize, String), Vec<usize>>,
}

impl Merging<'_> {
    fn of(&self, scope: usize, cells: &[Cell]) -> Vec<Cell> {
        cells.iter().filter(|cell| self.map.fields[cell.field].field.scope == scope).cloned().collect()
    }

    fn is_key(&self, cell: &Cell) -> bool {
        self.map.fields[cell.field].field.key
    }

    fn add(&mut self, root: &mut Group, cells: &[Cell], position: Position) {
        self.take_over(root, self.of(0, cells));
        self.add_beside(root, cells, position);
        let innermost = self.levels.last().copied();
        let mut at = root;
        let mut way = Vec::new();
        for level in self.levels.clone() {
            let own = self.of(level, cells);
            let may_be_absent = self.map.scopes()[level].role == ScopeRole::Level;
            if own.is_empty() && may_be_absent {
                continue;
            }
            let known = match innermost {
                Some(innermost) if innermost == level => None,
                _ => self.known(&way, at, level, &own),
            };
            let index = known.unwrap_or_else(|| {
                at.groups.push(Group { scope: level, cells: Vec::new(), groups: Vec::new(), position });
                at.groups.len() - 1
            });
            self.remember(&way, index, &own);
            way.push(index);
            at = &mut at.groups[index];
            self.take_over(at, own);
        }
    }

    /// The instance that the cells belong to, if an earlier row made it.
    fn known(&self, way: &[usize], parent: &Group, level: usize, own: &[Cell]) -> Option<usize> {
        let keys: Vec<&Cell> = own.iter().filter(|cell| self.is_key(cell)).collect();
        if keys.is_empty() {
            return parent.groups.iter().position(|group| group.scope == level && self.is_same(group, own));
        }
        let with_key = |key: &Cell| self.instances.get(&(way.to_vec(), key.field, key.text.clone()));
        let mut candidates = keys.into_iter().filter_map(with_key).flatten().copied();
        candidates.find(|index| self.is_same(&parent.groups[*index], own))
    }

    fn remember(&mut self, way: &[usize], index: usize, own: &[Cell]) {
        for key in own.iter().filter(|cell| self.map.fields[cell.field].field.key) {
            let instances = self.instances.entry((way.to_vec(), key.field, key.text.clone())).or_default();
            if instances.last() != Some(&index) {
                instances.push(index);
            }
        }
    }

    /// Charges, allowances and taxes: at most one of each, repeated in every row.
    fn add_beside(&mut self, root: &mut Group, cells: &[Cell], position: Position) {
        for scope in 1..self.map.scopes().len() {
            let own = self.of(scope, cells);
            if self.map.scopes()[scope].role != ScopeRole::Beside || own.is_empty() {
                continue;
            }
            let known = root.groups.iter().position(|group| group.scope == scope);
            let index = known.unwrap_or_else(|| {
                root.groups.push(Group { scope, cells: Vec::new(), groups: Vec::new(), position });
                root.groups.len() - 1
            });
            self.take_over(&mut root.groups[index], own);
        }
    }

    /// True when they share a key and contradict each other in none.
    fn is_same(&self, group: &Group, own: &[Cell]) -> bool {
        let mut shared = own.iter().all(|cell| !self.is_key(cell)) && group.cells.iter().all(|cell| !self.is_key(cell));
        for cell in own.iter().filter(|cell| self.is_key(cell)) {
            match group.cells.iter().find(|other| other.field == cell.field) {
                Some(other) if other.text != cell.text => return false,
                Some(_) => shared = true,
                None => {}
            }
        }
        shared
    }

    /// Adds cells to an instance; one that says something else than an earlier row is a contradiction.
    fn take_over(&mut self, group: &mut Group, own: Vec<Cell>) {
        for cell in own {
            match group.cells.iter().find(|other| other.field == cell.field) {
                None => group.cells.push(cell),
                Some(other) if other.text == cell.text => {}
                Some(other) => {
                    let mapped = &self.map.fields[cell.field];
                    let message = format!(
                        "{} ({}) says {:?}, line {} says {:?} of the same {}",
                        mapped.described(),
                        mapped.field.name,
                        cell.text,
                        other.position.line,
                        other.text,
                        self.map.scopes()[group.scope].name,
                    );
                    let fault = Diagnostic::new(&files::CSV_CONFLICT, message).at(cell.position.place(self.file));
                    self.faults.push(fault.expected(format!("{:?}", other.text)).found(cell.text));
                }
            }
        }
    }

    /// Fills blank cells from the row above, down to the level at which the two rows part.
    fn carry_down(&self, above: &[Cell], cells: &mut Vec<Cell>) {
        let outer = self.levels.split_last().map_or(&[][..], |(_, outer)| outer);
        let beside = (1..self.map.scopes().len()).filter(|scope| self.map.scopes()[*scope].role == ScopeRole::Beside);
        for scope in std::iter::once(0).chain(beside).chain(outer.iter().copied()) {
            let parts = cells.iter().any(|cell| {
                self.map.fields[cell.field].field.scope == scope
                    && self.is_key(cell)
                    && above.iter().any(|other| other.field == cell.field && other.text != cell.text)
            });
            if parts {
                return;
            }
            for cell in self.of(scope, above) {
                if !cells.iter().any(|other| other.field == cell.field) {
                    cells.push(cell);
                }
            }
        }
    }
}

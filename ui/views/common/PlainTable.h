#pragma once

class QTableView;
class QWidget;

namespace crossiter::ui {

/// A table to read: rows are chosen whole, nothing is edited, columns sort, no grid.
[[nodiscard]] QTableView* plainTable(QWidget* parent);

} // namespace crossiter::ui

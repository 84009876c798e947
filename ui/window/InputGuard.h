#pragma once

class QString;

namespace crossiter::ui {

class Workspace;

/// An input of the workspace would be replaced by a file of this name or by what lies beside it;
/// `beside`: or a picture of the study's or the tournament's folder that has no provenance. Throws
/// Error(BadInput).
void requireNoInput(Workspace& workspace, const QString& path, bool beside = true);

} // namespace crossiter::ui

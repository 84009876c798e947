#include "ui/viewmodels/ModelTableModel.h"

#include "ui/session/ShownText.h"
#include "ui/viewmodels/ModelListModel.h"

#include <algorithm>
#include <filesystem>

namespace crossiter::ui {

QString progressText(const Progress& progress)
{
    QString text;
    if (progress.total > 0) {
        const double share =
            static_cast<double>(progress.done) / static_cast<double>(progress.total);
        text = ModelTableModel::tr("%1 %").arg(static_cast<int>(100.0 * std::min(1.0, share)));
    }
    if (progress.secondsLeft >= 0.0) {
        text += (text.isEmpty() ? QString() : QStringLiteral(", "))
            + timeLeftText(progress.secondsLeft);
    }
    return text;
}

ModelTableModel::ModelTableModel(QObject* parent)
    : TableModel(parent)
{
}

void ModelTableModel::setModels(std::vector<StoredModel> models)
{
    beginResetModel();
    m_models = std::move(models);
    endResetModel();
}

void ModelTableModel::setFetching(const QString& id, const Progress& progress)
{
    const int before = rowOf(m_fetching);
    m_fetching = id;
    m_progress = progress;
    for (const int row : { before, rowOf(id) })
        if (row >= 0)
            emit dataChanged(index(row, StateColumn), index(row, StateColumn));
}

const StoredModel* ModelTableModel::at(int row) const
{
    return row >= 0 && row < rowCount() ? &m_models[static_cast<std::size_t>(row)] : nullptr;
}

int ModelTableModel::rowOf(const QString& id) const
{
    const auto found = std::ranges::find_if(m_models,
        [&](const StoredModel& model) { return QString::fromStdString(model.manifest.id) == id; });
    return found == m_models.end() ? -1 : static_cast<int>(found - m_models.begin());
}

double ModelTableModel::megabytes(const StoredModel& model)
{
    std::error_code fault;
    if (!model.weights.empty()) {
        const auto bytes = std::filesystem::file_size(model.weights, fault);
        if (!fault)
            return static_cast<double>(bytes) / 1e6;
    }
    if (model.manifest.fileBytes > 0 || model.manifest.sources.empty())
        return static_cast<double>(model.manifest.fileBytes) / 1e6;
    return static_cast<double>(model.manifest.sources.front().aboutBytes) / 1e6;
}

QString ModelTableModel::stateText(const StoredModel& model) const
{
    if (QString::fromStdString(model.manifest.id) == m_fetching) {
        const QString text = progressText(m_progress);
        return text.isEmpty() ? tr("fetching") : tr("fetching: %1").arg(text);
    }
    if (!model.problem.empty())
        return tr("damaged");
    if (!model.weights.empty()) {
        return !model.writable ? tr("came with the program")
            : model.imported   ? tr("imported")
                               : tr("in your store");
    }
    return model.manifest.sources.empty() ? tr("not here") : tr("to be fetched");
}

QVariant ModelTableModel::cell(const QModelIndex& index, int role) const
{
    const StoredModel* model = index.isValid() ? at(index.row()) : nullptr;
    if (model == nullptr)
        return {};
    const double size = megabytes(*model);
    const double accuracy = model->manifest.imagenetTop1 * 100.0;
    switch (role) {
    case IdRole:
        return QString::fromStdString(model->manifest.id);
    case InstalledRole:
        return !model->weights.empty();
    case Qt::ToolTipRole:
        return QString::fromStdString(model->problem.empty() ? model->manifest.id : model->problem);
    case Qt::TextAlignmentRole:
        return index.column() == SizeColumn || index.column() == AccuracyColumn
            ? int(Qt::AlignRight | Qt::AlignVCenter)
            : int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        switch (index.column()) {
        case NameColumn:
            return modelTitle(model->manifest);
        case SizeColumn:
            return size > 0.0 ? tr("%1 MB").arg(size, 0, 'f', size < 100.0 ? 1 : 0)
                              : QStringLiteral("–");
        case AccuracyColumn:
            return accuracy > 0.0 ? tr("%1 %").arg(accuracy, 0, 'f', 1) : QStringLiteral("–");
        case StateColumn:
            return stateText(*model);
        default:
            return {};
        }
    default:
        return {};
    }
}

QVariant ModelTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        return section == SizeColumn || section == AccuracyColumn
            ? int(Qt::AlignRight | Qt::AlignVCenter)
            : int(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Model");
    case SizeColumn:
        return tr("Size");
    case AccuracyColumn:
        return tr("Top-1");
    case StateColumn:
        return tr("Where");
    default:
        return {};
    }
}

} // namespace crossiter::ui

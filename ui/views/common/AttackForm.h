#pragma once

#include "ui/session/FieldWords.h"

#include <QObject>

#include <deque>
#include <functional>
#include <string>

class QWidget;

namespace crossiter::ui {

/// An attack's options as editors: one for each row of core's table (fieldsOf) but the lists of
/// networks, which have editors of their own. Who owns the form makes and lays them out.
class AttackForm : public QObject
{
    Q_OBJECT

public:
    struct Row
    {
        const AttackField* field;
        QWidget* editor = nullptr; ///< named by the key: "labelRule", of a plan "entryLabelRule"
        FieldValue value; ///< what was shown or chosen last; of a plan nothing: left alone
        std::function<void(const QString&)> put; ///< a value's text, into the editor
    };

    AttackForm(FieldPlace place, QObject* parent);

    QWidget* make(const AttackField& field, QWidget* parent); ///< once a row, in tab order
    [[nodiscard]] const std::deque<Row>& rows() const { return m_rows; }
    /// Null: the option has no editor here.
    [[nodiscard]] const Row* find(const std::string& key) const;
    /// Of an option that has one; null: it is another kind of editor.
    template <typename Editor>
    [[nodiscard]] Editor* editor(const std::string& key) const
    {
        return dynamic_cast<Editor*>(find(key)->editor);
    }
    /// Into every editor, without a signal. valueOf: of a row.
    void show(const std::function<FieldValue(const AttackField&)>& valueOf);

signals:
    void changed(const QString& key); ///< by the user; find() has the value
    void draggingChanged(bool dragging);
    void rejected(const QString& message); ///< what was typed is no value: the last one stays

private:
    QWidget* makeEditor(Row& row, QWidget* parent);
    QWidget* makeNumber(Row& row, QWidget* parent);
    QWidget* makeComboBox(Row& row, QWidget* parent);
    QWidget* makeLine(Row& row, QWidget* parent);
    void take(Row& row, const QString& text);

    FieldPlace m_place;
    std::deque<Row> m_rows; ///< where one lies it stays
};

} // namespace crossiter::ui

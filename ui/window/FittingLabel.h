#pragma once

#include <QLabel>
#include <QStringList>
#include <QTextDocumentFragment>

namespace crossiter::ui {

/// The first of several texts that fits, so that a narrow window leaves out what matters least.
class FittingLabel : public QLabel
{
public:
    explicit FittingLabel(QWidget* parent)
        : QLabel(parent)
    {
        setTextFormat(Qt::RichText);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    }
    void setTexts(const QStringList& longestFirst)
    {
        m_texts = longestFirst;
        setAccessibleName(QTextDocumentFragment::fromHtml(m_texts.value(0)).toPlainText());
        fit();
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return { 60, QLabel::minimumSizeHint().height() };
    }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        QLabel::resizeEvent(event);
        fit();
    }

private:
    void fit()
    {
        for (const QString& text : m_texts) {
            setText(text);
            if (QLabel::sizeHint().width() <= width())
                return;
        }
    }

    QStringList m_texts;
};

} // namespace crossiter::ui

#include "ui/plot/LabelMarks.h"

#include <algorithm>
#include <vector>

namespace crossiter::ui {

namespace {

constexpr int kLetters = 26;

/// A, B ... Z, AA, AB ... AZ, BA ...
QString letterOf(int number)
{
    const QString letter(QChar(static_cast<char16_t>(u'A' + number % kLetters)));
    return number < kLetters ? letter : letterOf(number / kLetters - 1) + letter;
}

} // namespace

QVector<QColor> leakPalette(const Theme& theme)
{
    if (theme.dark) {
        return { theme.wrongLabel, QColor(0x4a, 0x86, 0xe0), QColor(0xc7, 0x6a, 0xa8),
            QColor(0xf5, 0xe5, 0x8a), QColor(0x8f, 0xd8, 0xf5), QColor(0x7d, 0x5f, 0xa8) };
    }
    return { theme.wrongLabel, QColor(0x25, 0x63, 0xb0), QColor(0xcf, 0x7f, 0xb8),
        QColor(0xe5, 0xb9, 0x3c), QColor(0x6c, 0xc0, 0xe8), QColor(0x4a, 0x2c, 0x63) };
}

void LabelMarks::update(
    const QVector<LeakRow>& rows, std::optional<int> trueLabel, const Theme& theme)
{
    m_trueLabel = trueLabel;
    for (auto& entry : m_marks)
        entry.second.count = 0;
    const QVector<QColor> palette = leakPalette(theme);
    for (const LeakRow& row : rows) {
        if (!row.trace)
            continue;
        for (const auto& step : row.trace->subSteps) {
            if (step->attackedLabel < 0)
                continue;
            ++m_marks[step->attackedLabel].count;
        }
    }
    // In the order of the sub-steps: the first label that is met gets the first letter.
    for (const LeakRow& row : rows) {
        for (std::size_t i = 0; row.trace && i < row.trace->subSteps.size(); ++i) {
            const int label = row.trace->subSteps[i]->attackedLabel;
            if (label >= 0 && label != m_trueLabel && m_marks[label].number < 0)
                m_marks[label].number = freeLetter();
        }
    }
    for (auto& [label, mark] : m_marks) {
        mark.label = label;
        if (label == m_trueLabel) {
            mark.letter = QStringLiteral("●");
            mark.color = theme.trueLabel;
            mark.hatched = false;
        } else {
            const int number = std::max(0, mark.number); // none: a label that is not shown
            mark.letter = letterOf(number);
            mark.color = palette[number % static_cast<int>(palette.size())];
            mark.hatched = number >= palette.size();
        }
        const QColor white(Qt::white);
        const QColor black(0x10, 0x14, 0x1c);
        mark.ink =
            contrastRatio(mark.color, white) >= contrastRatio(mark.color, black) ? white : black;
    }
}

int LabelMarks::freeLetter()
{
    std::vector<LabelMark*> holders;
    for (auto& entry : m_marks) {
        const auto number = static_cast<std::size_t>(entry.second.number + 1);
        holders.resize(std::max(holders.size(), number));
        if (number > 0)
            holders[number - 1] = &entry.second;
    }
    for (std::size_t i = 0; i < holders.size(); ++i)
        if (holders[i] == nullptr)
            return static_cast<int>(i);
    if (holders.size() >= kLetters) { // a second letter only where one does not tell them apart
        for (std::size_t i = 0; i < holders.size(); ++i) {
            if (holders[i]->count == 0) {
                holders[i]->number = -1;
                return static_cast<int>(i);
            }
        }
    }
    return static_cast<int>(holders.size());
}

const LabelMark* LabelMarks::find(int label) const
{
    const auto found = m_marks.find(label);
    return found == m_marks.end() ? nullptr : &found->second;
}

QVector<LabelMark> LabelMarks::shown() const
{
    QVector<LabelMark> marks;
    for (const auto& entry : m_marks)
        if (entry.second.count > 0)
            marks << entry.second;
    std::ranges::sort(marks, [this](const LabelMark& a, const LabelMark& b) {
        const auto key = [this](const LabelMark& mark) {
            return std::pair(mark.label != m_trueLabel, mark.number);
        };
        return key(a) < key(b);
    });
    return marks;
}

} // namespace crossiter::ui

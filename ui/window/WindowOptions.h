#pragma once

#include <QString>

#include <functional>

namespace crossiter::ui {

/// What the window asks before something would be lost.
struct Question
{
    enum class Kind
    {
        SaveChanges, ///< Yes: save, No: discard
        Overwrite, ///< Yes: replace the file
        StopWork, ///< Yes: stop what runs and quit
        LabelBase, ///< Yes: the first class of a label table is 0, No: it is 1
    };
    Kind kind = Kind::SaveChanges;
    QString text;
    QString detail;
};

enum class Answer
{
    Yes,
    No,
    Cancel, ///< everything stays as it is
};

struct WindowOptions
{
    QString settingsFile; ///< INI; empty: nothing is remembered. A damaged one is as good as none.
    QString photosFolder; ///< of the embedded photos; empty: none
    /// Asks for a path: (title, suggestion, filter, save, folder). Empty answer: cancelled.
    /// Default: a file dialog.
    std::function<QString(const QString&, const QString&, const QString&, bool, bool)> choosePath;
    /// Asks what a pair is compared at: (question, the result's own size as "224x224"). The answer
    /// is such a text; empty: cancelled. Default: a small dialog.
    std::function<QString(const QString&, const QString&)> choosePairSize;
    /// Asks what a series' floats go from and to: (why). "0..1" or "-1..1"; empty: cancelled.
    /// Default: a small dialog.
    std::function<QString(const QString&)> chooseSeriesRange;
    std::function<Answer(const Question&)> answer; ///< default: a message box
};

} // namespace crossiter::ui

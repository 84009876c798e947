#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

namespace crossiter {

/// Who of several processes does which unit of the work. All processes make the same calls in the
/// same order.
class WorkShare
{
public:
    WorkShare() = default;
    virtual ~WorkShare() = default;
    WorkShare(const WorkShare&) = delete;
    WorkShare& operator=(const WorkShare&) = delete;
    WorkShare(WorkShare&&) = delete;
    WorkShare& operator=(WorkShare&&) = delete;

    /// Returns when each of the units 0..count-1 has been done by one of the processes (by two, if
    /// one was taken for lost: the work must not mind). `work` says false when it was stopped; then
    /// share says false at once. An Error of `work` passes through; the others take its unit over.
    virtual bool share(const std::string& phase, std::size_t count,
        const std::function<bool(std::size_t)>& work, const std::stop_token& stop) = 0;

    /// A text that process 0 decides and every process gets. An Error of `decide` is thrown in
    /// each.
    virtual std::string agree(
        const std::string& key, const std::function<std::string()>& decide) = 0;

    [[nodiscard]] virtual int rank() const = 0;
    [[nodiscard]] virtual int processes() const = 0;
    /// Units of the phase that are done so far, by all.
    [[nodiscard]] virtual std::size_t doneOf(const std::string& phase) = 0;
    /// What this process is at, for whoever watches.
    virtual void announce(const std::string&) { }
};

/// One process does everything, in order.
class LocalShare : public WorkShare
{
public:
    bool share(const std::string& phase, std::size_t count,
        const std::function<bool(std::size_t)>& work, const std::stop_token& stop) override;
    std::string agree(const std::string& key, const std::function<std::string()>& decide) override;
    [[nodiscard]] int rank() const override { return 0; }
    [[nodiscard]] int processes() const override { return 1; }
    [[nodiscard]] std::size_t doneOf(const std::string&) override { return m_done; }

private:
    std::size_t m_done = 0;
};

} // namespace crossiter

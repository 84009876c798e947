#include "core/base/JsonMembers.h"

#include "core/base/Error.h"

namespace crossiter {

namespace {

std::string joined(const std::string& where, const std::string& key)
{
    return where.empty() || key.empty() ? where + key : where + "." + key;
}

} // namespace

std::string JsonFault::path() const
{
    return joined(where, key);
}

std::string JsonFault::shown(const char* missing) const
{
    return found == nullptr ? missing : shownJson(*found);
}

JsonMembers::JsonMembers(const Json& object, std::string where, Complaint complain)
    : m_object(object)
    , m_where(std::move(where))
    , m_complain(std::move(complain))
{
    if (!object.is_object())
        fail({ JsonFault::What::NoObject, m_where, {}, "an object", &object });
}

std::string JsonMembers::pathOf(const std::string& key) const
{
    return joined(m_where, key);
}

const Json* JsonMembers::find(const std::string& key)
{
    m_asked.insert(key);
    const auto found = m_object.find(key);
    return found == m_object.end() ? nullptr : &*found;
}

const Json& JsonMembers::need(const std::string& key, const std::string& expected)
{
    const Json* value = find(key);
    if (value == nullptr)
        fail({ JsonFault::What::Missing, m_where, key, expected, nullptr });
    return *value;
}

std::string JsonMembers::text(const std::string& key)
{
    const Json& value = need(key, "a text");
    if (!value.is_string())
        wrong(key, "a text", value);
    return value.get<std::string>();
}

std::int64_t JsonMembers::whole(const std::string& key, std::int64_t low, std::int64_t high)
{
    const std::string expected =
        "a whole number " + std::to_string(low) + ".." + std::to_string(high);
    const Json& value = need(key, expected);
    const auto found = wholeOf(value, low, high);
    if (!found)
        wrong(key, expected, value);
    return *found;
}

std::uint64_t JsonMembers::seed(const std::string& key)
{
    constexpr const char* kExpected = "a whole number from 0";
    const Json& value = need(key, kExpected);
    if (!value.is_number_unsigned())
        wrong(key, kExpected, value);
    return value.get<std::uint64_t>();
}

double JsonMembers::number(const std::string& key)
{
    const Json& value = need(key, "a number");
    if (!value.is_number())
        wrong(key, "a number", value);
    return value.get<double>();
}

double JsonMembers::number(const std::string& key, double low, double high)
{
    const std::string expected = "a number " + shownJson(low) + ".." + shownJson(high);
    const Json& value = need(key, expected);
    // Written so that NaN fails, too.
    if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high))
        wrong(key, expected, value);
    return value.get<double>();
}

bool JsonMembers::flag(const std::string& key)
{
    const Json& value = need(key, "true or false");
    if (!value.is_boolean())
        wrong(key, "true or false", value);
    return value.get<bool>();
}

const Json& JsonMembers::list(const std::string& key)
{
    const Json& value = need(key, "a list");
    if (!value.is_array())
        wrong(key, "a list", value);
    return value;
}

void JsonMembers::wrong(
    const std::string& key, const std::string& expected, const Json& found) const
{
    fail({ JsonFault::What::Wrong, m_where, key, expected, &found });
}

void JsonMembers::refuseOthers() const
{
    for (const auto& [key, value] : m_object.items()) {
        if (m_asked.contains(key))
            continue;
        std::string known;
        for (const std::string& name : m_asked)
            known += (known.empty() ? "" : ", ") + name;
        fail({ JsonFault::What::Unknown, m_where, key, known, nullptr });
    }
}

void JsonMembers::fail(const JsonFault& fault) const
{
    m_complain(fault);
    throw Error(ErrorKind::Internal, "a complaint that throws nothing", fault.path());
}

} // namespace crossiter

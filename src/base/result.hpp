// Result<T>: a value or the Error why there is none. TRY unwraps or returns.
//
// Result is boost::system::result with our Error, so everything its documentation says holds.
// Use it for what the world does; what only a bug can do is an ASSERT (base/assert.hpp).

#pragma once

#include "base/assert.hpp"
#include "base/error.hpp"

#include <boost/system/result.hpp>

#include <utility>

namespace rb {

// Called by result::value() on an error: reaching it is a bug, so it ends the process.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <typename T = void>
using Result = boost::system::result<T, Error>;

}  // namespace rb

// `auto order = TRY(find(id));` gives the value or returns the Error from the enclosing function.
// A GNU statement expression: it cannot stand inside a coroutine.
#define TRY(expression)                                                           \
    ({                                                                            \
        auto&& rb_try_result_ = (expression);                                     \
        if (rb_try_result_.has_error()) return std::move(rb_try_result_).error(); \
        ::rb::detail::unwrap(std::move(rb_try_result_));                          \
    })

namespace rb::detail {

template <typename T>
T unwrap(Result<T>&& result) {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace rb::detail

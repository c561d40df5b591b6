// AccessTable: who may call each method, read from the option rustbill.access.access that stands on
// it in proto/ (architecture, decision 11).

#pragma once

#include "base/result.hpp"

#include "core/identity/access.hpp"

#include "transport/method_registry.hpp"

#include <google/protobuf/descriptor.h>

#include <span>
#include <string>
#include <unordered_map>

namespace rb::server {

class AccessTable {
public:
    // `files`: the .proto files whose services the server offers.
    //
    // ERRORS: failed_precondition  a method of theirs has no option, an option that lets nobody in,
    //                              a permission or scope nobody can have, or no handler in
    //                              `registry`; or `registry` answers a method of another file that
    //                              is not one of the transport's own. The message names the
    //                              method: the server does not start.
    static Result<AccessTable> create(
        std::span<const google::protobuf::FileDescriptor* const> files,
        const transport::MethodRegistry& registry);

    // REQUIRES: `method` is one of `files`
    [[nodiscard]] const core::AccessRule& rule_of(std::string_view path) const;

    // Every path with its rule, for tests that walk them.
    [[nodiscard]] const std::unordered_map<std::string, core::AccessRule>& rules() const {
        return rules_;
    }

private:
    std::unordered_map<std::string, core::AccessRule> rules_;
};

// The .proto files of proto/rustbill that declare services.
std::vector<const google::protobuf::FileDescriptor*> service_files();

}  // namespace rb::server

// What libvirt's last error on this thread means for a call, in the words of
// core/plugin/plugin_call.hpp.

#pragma once

#include "base/result.hpp"

#include <string_view>

namespace rb::plugin {

//   not_found        there is no such domain, volume, pool, network or snapshot
//   plugin_refused   a definite no: what was asked for is wrong, or not allowed
//   unsupported      this hypervisor cannot do it
//   outcome_unknown  the connection broke, or a job timed out: it may have happened
//   plugin_failed    anything else: it did not happen
// The message is `doing`, a colon, and what libvirt says.
//
// REQUIRES: a call of libvirt has just failed on this thread
Error libvirt_error(std::string_view doing);

// Whether the last error on this thread is that code (VIR_ERR_…).
bool last_error_is(int code);

// Keeps libvirt from writing each error to the standard error stream; process-wide.
void silence_libvirt();

}  // namespace rb::plugin

// Which libvirt URIs a server of ours may connect to at all, whoever wrote them.
//
//   uri       = driver [ "+" transport ] "://" [ host [ ":" port ] ] "/" path [ "?" options ]
//   driver    = "qemu" | "test"
//   transport = "unix" (with option socket=/absolute/path) | "tls" (needs a host)
//   path      = "system" for qemu, "default" for test
//   options   = "socket" (unix) | "pkipath" (tls, a folder of certificates)
//
// Without a transport and host the hypervisor of this machine is meant. libvirt knows more: ssh and
// ext run a program the URI names, qemu:///session starts a daemon, a path of the test driver reads
// a file, tcp sends in clear, and no_verify takes any certificate. None of them is taken.

#pragma once

#include "base/result.hpp"

#include <string>

namespace rb::plugin {

// ERRORS: invalid_argument  field "uri", with the rule it breaks
Result<> check_libvirt_uri(const std::string& uri);

}  // namespace rb::plugin

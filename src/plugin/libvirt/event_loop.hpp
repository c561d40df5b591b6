// libvirt's event loop: without it connections have no keepalive, and a libvirtd that hangs would
// hold a call for ever.

#pragma once

namespace rb::plugin {

// Starts the loop on a thread of its own, once per process (libvirt has one), before the first
// connection is opened. It runs as long as the process. Thread-safe.
void start_libvirt_event_loop();

}  // namespace rb::plugin

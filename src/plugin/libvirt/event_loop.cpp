#include "plugin/libvirt/event_loop.hpp"

#include "plugin/libvirt/libvirt_error.hpp"

#include <libvirt/libvirt.h>
#include <pthread.h>
#include <signal.h>

#include <mutex>
#include <thread>

namespace rb::plugin {

namespace {

void run() {
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (virEventRunDefaultImpl() == 0) {
    }
}

void keep_awake(int, void*) {}

}  // namespace

void start_libvirt_event_loop() {
    static std::once_flag started;
    std::call_once(started, [] {
        silence_libvirt();
        if (virInitialize() != 0 || virEventRegisterDefaultImpl() != 0) return;
        // With nothing registered the loop returns at once and would spin.
        virEventAddTimeout(60'000, keep_awake, nullptr, nullptr);
        std::thread(run).detach();
    });
}

}  // namespace rb::plugin

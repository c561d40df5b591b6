// The PasswordHasher port: bcrypt, so many at a time, so many waiting, and not one more.
//
// Hashing runs on the caller's thread. Callers are served in the order they came; who finds the
// line full is refused at once, so a flood of logins holds at most running_max + waiting_max of the
// server's workers and running_max cores.

#pragma once

#include "core/identity/password_hasher.hpp"
#include "core/ports/random_source.hpp"

#include "crypto/bcrypt.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace rb::crypto {

struct PasswordHasherOptions {
    int cost = bcrypt_cost;
    // Half the cores, at least one: default_running_max().
    int running_max = 1;
    // About a second of waiting for the last in line.
    int waiting_max = 8;
};

// Half the cores of this machine, at least one: the other half serves everybody else.
int default_running_max();

class BoundedPasswordHasher final : public core::PasswordHasher {
public:
    // REQUIRES: running_max >= 1, waiting_max >= 0; `random` outlives the hasher
    BoundedPasswordHasher(core::RandomSource& random, PasswordHasherOptions options);

    Result<std::string> hash(std::string_view password) override;
    Result<bool> verify(std::string_view password, std::string_view hash) override;

    // For tests and for the log.
    struct Load {
        int running = 0;
        int waiting = 0;
    };
    [[nodiscard]] Load load() const;

private:
    // The right to hash; given back when it ends.
    class Turn {
    public:
        explicit Turn(BoundedPasswordHasher& hasher) : hasher_(&hasher) {}
        Turn(Turn&& other) noexcept : hasher_(std::exchange(other.hasher_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn();

    private:
        BoundedPasswordHasher* hasher_;
    };
    Result<Turn> take_turn();

    core::RandomSource& random_;
    const PasswordHasherOptions options_;
    // What nobody's password is compared with; of the same cost as all others.
    const std::string nobodys_hash_;

    mutable std::mutex mutex_;
    std::condition_variable turn_over_;
    // State below is protected by mutex_.
    int running_ = 0;
    std::uint64_t next_ticket_ = 0;
    std::uint64_t now_serving_ = 0;
};

}  // namespace rb::crypto

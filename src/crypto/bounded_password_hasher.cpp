#include "crypto/bounded_password_hasher.hpp"

#include "base/assert.hpp"

#include "core/identity/limits.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace rb::crypto {

namespace {

// Costs a comparison what any hash does, and was made without hashing: a tenth of a second of every
// start would go to it. Salt and hash are zeros in bcrypt's alphabet.
std::string hash_of_nothing(int cost) {
    const auto digits = std::to_string(cost);
    return "$2b$" + std::string(2 - digits.size(), '0') + digits + "$" + std::string(53, '.');
}

}  // namespace

int default_running_max() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency() / 2));
}

BoundedPasswordHasher::BoundedPasswordHasher(core::RandomSource& random,
                                             PasswordHasherOptions options)
    : random_(random), options_(options), nobodys_hash_(hash_of_nothing(options.cost)) {
    ASSERT(options_.running_max >= 1 && options_.waiting_max >= 0);
}

BoundedPasswordHasher::Turn::~Turn() {
    if (hasher_ == nullptr) return;
    {
        const std::lock_guard lock(hasher_->mutex_);
        --hasher_->running_;
    }
    hasher_->turn_over_.notify_all();
}

Result<BoundedPasswordHasher::Turn> BoundedPasswordHasher::take_turn() {
    std::unique_lock lock(mutex_);
    const auto waiting = next_ticket_ - now_serving_;
    const bool must_wait = running_ >= options_.running_max || waiting > 0;
    if (must_wait && waiting >= static_cast<std::uint64_t>(options_.waiting_max)) {
        return Error{.code = ErrorCode::too_many_requests,
                     .message = "too many sign-ins at once; try again in a moment"};
    }
    const auto ticket = next_ticket_++;
    turn_over_.wait(lock,
                    [&] { return now_serving_ == ticket && running_ < options_.running_max; });
    ++now_serving_;
    ++running_;
    lock.unlock();
    // The next in line may go on too, when several may run.
    turn_over_.notify_all();
    return Turn(*this);
}

Result<std::string> BoundedPasswordHasher::hash(std::string_view password) {
    const auto turn = TRY(take_turn());
    return bcrypt_hash(password, options_.cost, random_);
}

Result<bool> BoundedPasswordHasher::verify(std::string_view password, std::string_view hash) {
    const auto turn = TRY(take_turn());
    const bool is_possible = password.size() <= core::limits::password_bytes_max &&
                             password.find('\0') == std::string_view::npos;
    if (hash.empty() || !is_possible) {
        bcrypt_verify("nobody", nobodys_hash_);
        return false;
    }
    return bcrypt_verify(password, hash);
}

BoundedPasswordHasher::Load BoundedPasswordHasher::load() const {
    const std::lock_guard lock(mutex_);
    return {.running = running_, .waiting = static_cast<int>(next_ticket_ - now_serving_)};
}

}  // namespace rb::crypto

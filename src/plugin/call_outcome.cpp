#include "plugin/call_outcome.hpp"

namespace rb::plugin {

namespace {

// "Did not happen", unless it may have.
ErrorCode failed_or_unknown(const CallFacts& facts) {
    return facts.effect == CallEffect::changes && facts.may_have_acted ? ErrorCode::outcome_unknown
                                                                       : ErrorCode::plugin_failed;
}

Error named(const CallFacts& facts, ErrorCode code, const std::string& message) {
    return {code, facts.name + ": " + message};
}

}  // namespace

Error error_of_answer(const CallFacts& facts, const Json& error) {
    if (error.is_string()) {
        return named(facts, failed_or_unknown(facts), error.get<std::string>());
    }
    const bool is_known = error.is_object() && error.contains("kind") &&
                          error["kind"].is_string() && error.contains("message") &&
                          error["message"].is_string();
    if (!is_known) {
        return named(facts, failed_or_unknown(facts),
                     "answered an Err that is neither a text nor #{ kind, message }");
    }
    const auto kind = error["kind"].get<std::string>();
    const auto message = error["message"].get<std::string>();
    if (kind == "refused") return named(facts, ErrorCode::plugin_refused, message);
    // "failed" is the script's word that it did not happen.
    if (kind == "failed") return named(facts, ErrorCode::plugin_failed, message);
    if (kind == "unsupported") return named(facts, ErrorCode::unsupported, message);
    if (kind == "unknown") {
        return named(facts,
                     facts.effect == CallEffect::changes ? ErrorCode::outcome_unknown
                                                         : ErrorCode::plugin_failed,
                     message);
    }
    return named(facts, failed_or_unknown(facts), "answered an Err of an unknown kind: " + message);
}

Error error_of_stop(const CallFacts& facts, const rune::RuntimeError& error) {
    auto message = error.message;
    if (!error.trace.empty()) {
        const auto& place = error.trace.front();
        message += " (" + place.file + ":" + std::to_string(place.line) + ")";
    }
    const auto code =
        error.kind == rune::ErrorKind::deadline || error.kind == rune::ErrorKind::cancelled
            ? ErrorCode::deadline_exceeded
            : failed_or_unknown(facts);
    return named(facts, code, message).with_detail(error.to_string());
}

}  // namespace rb::plugin

// Option, Result, GeneratorState, ControlFlow; generators, futures and streams.

#include "rune/natives/standard.hpp"
#include "rune/vm.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/operations.hpp"

namespace rb::rune {

namespace {

VariantObject& variant_of(NativeCall& call) {
    return *static_cast<VariantObject*>(call[0].object);
}
// Some or Ok.
bool holds(NativeCall& call) {
    const BuiltinVariant which = variant_of(call).which();
    return which == BuiltinVariant::some || which == BuiltinVariant::ok;
}

Value call_one(NativeCall& call, Value argument) {
    return call.vm.call_function(call[1], {&argument, 1});
}

Value unwrap_option(NativeCall& call) {
    if (!holds(call)) panic("Called `Option::unwrap()` on a `None` value");
    return variant_of(call).payload;
}

Value unwrap_result(NativeCall& call) {
    if (holds(call)) return variant_of(call).payload;
    panic("Called `Result::unwrap()` on an `Err` value: " +
          call.vm.debug(variant_of(call).payload));
}

Value unwrap_or(NativeCall& call) {
    return holds(call) ? variant_of(call).payload : call[1];
}

Value map(NativeCall& call) {
    if (!holds(call)) return call[0];
    const BuiltinVariant which = variant_of(call).which();
    return call.vm.make_variant(which, call_one(call, variant_of(call).payload));
}

Value and_then(NativeCall& call) {
    if (!holds(call)) return call[0];
    const TypeInfo& type = call.vm.type_of(call[0]);
    const Value result = call_one(call, variant_of(call).payload);
    if (&call.vm.type_of(result) != &type) mismatch(call.vm, type.name, result);
    return result;
}

Value take(NativeCall& call) {
    call.vm.require_writable(call[0]);
    VariantObject& option = variant_of(call);
    if (!holds(call)) return call.vm.make_none();
    const Value taken = call.vm.make_some(option.payload);
    option.detail = static_cast<std::uint8_t>(BuiltinVariant::none);
    option.payload = {};
    return taken;
}

// Option of Result into Result of Option, and back.
Value transpose(NativeCall& call) {
    VariantObject& outer = variant_of(call);
    const bool option =
        outer.which() == BuiltinVariant::some || outer.which() == BuiltinVariant::none;
    if (!holds(call)) {
        return option ? call.vm.make_ok(call[0]) : call.vm.make_some(call[0]);
    }
    const Value inner = outer.payload;
    if (!inner.is(Kind::variant)) mismatch(call.vm, option ? "Result" : "Option", inner);
    const auto& payload = *static_cast<VariantObject*>(inner.object);
    switch (payload.which()) {
        case BuiltinVariant::ok:
            if (option) return call.vm.make_ok(call.vm.make_some(payload.payload));
            break;
        case BuiltinVariant::err:
            if (option) return inner;
            break;
        case BuiltinVariant::some:
            if (!option) return call.vm.make_some(call.vm.make_ok(payload.payload));
            break;
        case BuiltinVariant::none:
            if (!option) return inner;
            break;
        default:
            break;
    }
    mismatch(call.vm, option ? "Result" : "Option", inner);
}

void add_option(Module& module) {
    AnyTypeBuilder type = module.type("Option");
    type.raw_method("is_some", 1, [](NativeCall& call) { return Value::of(holds(call)); })
        .raw_method("is_none", 1, [](NativeCall& call) { return Value::of(!holds(call)); })
        .raw_method("unwrap", 1, unwrap_option)
        .raw_method("expect", 2,
                    [](NativeCall& call) {
                        if (!holds(call)) panic(call.vm.display(call[1]));
                        return variant_of(call).payload;
                    })
        .raw_method("unwrap_or", 2, unwrap_or)
        .raw_method("unwrap_or_else", 2,
                    [](NativeCall& call) {
                        if (holds(call)) return variant_of(call).payload;
                        return call.vm.call_function(call[1], {});
                    })
        .raw_method("map", 2, map)
        .raw_method("and_then", 2, and_then)
        .raw_method("ok_or", 2,
                    [](NativeCall& call) {
                        return holds(call) ? call.vm.make_ok(variant_of(call).payload)
                                           : call.vm.make_err(call[1]);
                    })
        .raw_method("ok_or_else", 2,
                    [](NativeCall& call) {
                        if (holds(call)) return call.vm.make_ok(variant_of(call).payload);
                        return call.vm.make_err(call.vm.call_function(call[1], {}));
                    })
        .raw_method("take", 1, take)
        .raw_method("iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); })
        .raw_method("transpose", 1, transpose);
}

void add_result(Module& module) {
    AnyTypeBuilder type = module.type("Result");
    type.raw_method("is_ok", 1, [](NativeCall& call) { return Value::of(holds(call)); })
        .raw_method("is_err", 1, [](NativeCall& call) { return Value::of(!holds(call)); })
        .raw_method("ok", 1,
                    [](NativeCall& call) {
                        return holds(call) ? call.vm.make_some(variant_of(call).payload)
                                           : call.vm.make_none();
                    })
        .raw_method("unwrap", 1, unwrap_result)
        .raw_method(
            "expect", 2,
            [](NativeCall& call) {
                if (holds(call)) return variant_of(call).payload;
                panic(call.vm.display(call[1]) + ": " + call.vm.debug(variant_of(call).payload));
            })
        .raw_method("unwrap_or", 2, unwrap_or)
        .raw_method("unwrap_or_else", 2,
                    [](NativeCall& call) {
                        if (holds(call)) return variant_of(call).payload;
                        return call_one(call, variant_of(call).payload);
                    })
        .raw_method("map", 2, map)
        .raw_method("and_then", 2, and_then)
        .raw_method("transpose", 1, transpose);
}

}  // namespace

void add_variants(std::vector<Module>& modules) {
    Module option("std::option");
    add_option(option);
    modules.push_back(std::move(option));
    Module result("std::result");
    add_result(result);
    modules.push_back(std::move(result));
}

namespace {

CoroutineObject& coroutine_of(NativeCall& call, std::size_t index = 0) {
    return *static_cast<CoroutineObject*>(call[index].object);
}

Value resume(NativeCall& call) {
    CoroutineObject& generator = coroutine_of(call);
    if (generator.state == CoroutineState::completed) {
        raise(ErrorKind::generator_completed, "Cannot resume a generator that has completed");
    }
    const auto resumed = call.vm.interpreter().resume(generator, call[1]);
    const bool yielded = resumed.how == Interpreter::Resumption::yielded;
    return call.vm.make_variant(yielded ? BuiltinVariant::yielded : BuiltinVariant::complete,
                                resumed.value);
}

// `stream.next()` and `stream.resume(v)`: runs the stream to its next `yield`.
class StreamStep final : public NativeFuture {
public:
    StreamStep(Value stream, Value sent, bool as_state)
        : stream_(stream), sent_(sent), as_state_(as_state) {}

    std::optional<Value> poll(Vm& vm) override {
        if (!stream_.is(Kind::generator)) (void)vm.type_of(stream_);
        auto& stream = *static_cast<CoroutineObject*>(stream_.object);
        if (stream.state == CoroutineState::completed) {
            if (!as_state_) return vm.make_none();
            raise(ErrorKind::generator_completed, "Cannot resume a generator that has completed");
        }
        const auto resumed = vm.interpreter().resume(stream, sent_);
        switch (resumed.how) {
            case Interpreter::Resumption::pending:
                return std::nullopt;
            case Interpreter::Resumption::yielded:
                return vm.make_variant(as_state_ ? BuiltinVariant::yielded : BuiltinVariant::some,
                                       resumed.value);
            case Interpreter::Resumption::completed:
                return as_state_ ? vm.make_variant(BuiltinVariant::complete, resumed.value)
                                 : vm.make_none();
        }
        return std::nullopt;
    }
    void trace(Tracer& tracer) const override {
        tracer.visit(stream_);
        tracer.visit(sent_);
    }

private:
    Value stream_;
    Value sent_;
    bool as_state_;
};

// Polls all, in order, until each has its result. The futures are in a Vec of its own, where the
// heap accounts for them; one that is done gives its place there to `()`, its result to `results`.
class Join final : public NativeFuture {
public:
    // REQUIRES: both are of one length, and no script knows them.
    Join(Value futures, Value results, bool tuple)
        : futures_(futures), results_(results), tuple_(tuple) {}

    std::optional<Value> poll(Vm& vm) override {
        const std::span<Value> futures = vm.items_of(futures_);
        const std::span<Value> results = vm.items_of(results_);
        bool all = true;
        for (std::size_t i = 0; i < futures.size(); ++i) {
            vm.charge(1);
            if (futures[i].is_unit()) continue;
            if (const auto result = vm.interpreter().poll(futures[i])) {
                results[i] = *result;
                futures[i] = Value::unit();
            } else {
                all = false;
            }
        }
        if (!all) return std::nullopt;
        return tuple_ ? vm.make_tuple(results) : results_;
    }
    void trace(Tracer& tracer) const override {
        tracer.visit(futures_);
        tracer.visit(results_);
    }

private:
    Value futures_;
    Value results_;
    bool tuple_;
};

Value join(NativeCall& call) {
    const auto items = call.vm.items_of(call[0]);
    for (const Value item : items) {
        if (!item.is(Kind::future)) mismatch(call.vm, "Future", item);
    }
    const Value futures = call.vm.make_vec(items);
    const Value results = call.vm.make_vec(items);
    return call.vm.make_future(std::make_unique<Join>(futures, results, !call[0].is(Kind::vec)));
}

}  // namespace

void add_coroutines(std::vector<Module>& modules) {
    Module generator("std::ops::generator");
    generator.type("Generator")
        .raw_method("resume", 2, resume)
        .raw_method("next", 1,
                    [](NativeCall& call) {
                        const auto item = call.vm.next(call[0]);
                        return item ? call.vm.make_some(*item) : call.vm.make_none();
                    })
        .raw_method("iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); })
        .raw_method("into_iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); });
    AnyTypeBuilder state = generator.type("GeneratorState");
    for (const std::string_view name : {"partial_eq", "eq"}) {
        state.raw_method(
            name, 2, [](NativeCall& call) { return Value::of(call.vm.equal(call[0], call[1])); });
    }
    state.raw_method("clone", 1, [](NativeCall& call) { return call.vm.clone(call[0]); });
    modules.push_back(std::move(generator));

    Module ops("std::ops");
    ops.type("ControlFlow");
    ops.alias("Generator", "::std::ops::generator::Generator");
    ops.alias("GeneratorState", "::std::ops::generator::GeneratorState");
    modules.push_back(std::move(ops));

    Module future("std::future");
    future.type("Future");
    future.raw_function("join", 1, join);
    modules.push_back(std::move(future));

    Module stream("std::stream");
    stream.type("Stream")
        .raw_method(
            "next", 1,
            [](NativeCall& call) {
                return call.vm.make_future(std::make_unique<StreamStep>(call[0], Value(), false));
            })
        .raw_method("resume", 2, [](NativeCall& call) {
            return call.vm.make_future(std::make_unique<StreamStep>(call[0], call[1], true));
        });
    modules.push_back(std::move(stream));
}

}  // namespace rb::rune

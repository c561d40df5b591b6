#include "rune/unit.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/compiler/compiler.hpp"
#include "rune/limits.hpp"
#include "rune/parser/parser.hpp"
#include "rune/runtime_error.hpp"
#include "rune/syntax/unicode.hpp"

#include <algorithm>

namespace rb::rune {

std::string Compilation::to_string() const {
    std::string text;
    for (const auto& diagnostic : diagnostics) text += diagnostic.to_string();
    return text;
}

namespace {

// Files of one program: more is a cycle of links rather than a plugin.
constexpr std::size_t sources_max = 256;

class Build {
public:
    Build(std::shared_ptr<const Context> context, const CompileOptions& options)
        : options_(options), unit_(std::make_shared<Unit>()), sink_(unit_->sources) {
        unit_->context = std::move(context);
        // Views into the texts must survive the loading of further files.
        unit_->sources.reserve(sources_max +
                               (unit_->context->has_macros() ? macro_expansions_max : 0));
    }

    Compilation run(Source main) {
        const auto slash = main.name.rfind('/');
        const std::string directory =
            slash == std::string::npos ? "" : main.name.substr(0, slash + 1);
        const auto parsed = add_source(std::move(main), options_.script_mode);
        ItemTree tree(*unit_, sink_, [this](const ModuleItem& item, const std::string& where) {
            return load(item, where);
        });
        if (parsed) {
            // Items are indexed even after syntax errors, so that one run reports more.
            if (parsed->script != nullptr) {
                tree.index_script(parsed->script);
            } else {
                tree.index(parsed->items, directory);
            }
            Compiler(*unit_, tree, arena_, sink_, options_.optimise).run();
        }
        Compilation result;
        if (!sink_.has_errors()) result.unit = unit_;
        result.diagnostics = sink_.take();
        return result;
    }

private:
    std::optional<ParsedSource> add_source(Source source, bool script_mode) {
        const auto number = static_cast<std::uint32_t>(unit_->sources.size());
        const bool too_large = source.text.size() > source_bytes_max;
        const bool invalid = !too_large && !is_valid_utf8(source.text);
        if (too_large) source.text.clear();
        unit_->sources.push_back(std::move(source));
        if (too_large || invalid) {
            const auto at = static_cast<std::uint32_t>(
                invalid ? valid_utf8_prefix(unit_->sources.back().text) : 0);
            sink_.error(too_large ? DiagnosticClass::limit : DiagnosticClass::syntax,
                        {at, at, number},
                        too_large ? "this source is too large" : "this source is not valid UTF-8");
            return std::nullopt;
        }
        return Parser(unit_->sources.back(), number, arena_, sink_,
                      {unit_->context.get(), &unit_->sources})
            .parse(script_mode);
    }

    std::optional<std::pair<ParsedSource, std::string>> load(const ModuleItem& item,
                                                             const std::string& directory) {
        const std::string name(item.name.text);
        const std::string candidates[] = {directory + name + ".rn", directory + name + "/mod.rn"};
        if (options_.load && files_++ < sources_max) {
            for (const auto& path : candidates) {
                auto text = options_.load(path);
                if (!text) continue;
                const auto parsed = add_source({path, std::move(*text)}, false);
                if (!parsed) return std::nullopt;
                return std::pair{*parsed, directory + name + "/"};
            }
        }
        sink_.error(DiagnosticClass::missing_module, item.span, "no file for module `" + name + "`",
                    "looked for " + candidates[0] + " and " + candidates[1]);
        return std::nullopt;
    }

    const CompileOptions& options_;
    // Besides the main one, which leaves room for the last.
    std::size_t files_ = 1;
    std::shared_ptr<Unit> unit_;
    Arena arena_;
    DiagnosticSink sink_;
};

}  // namespace

Compilation compile(Source main, std::shared_ptr<const Context> context,
                    const CompileOptions& options) {
    return Build(std::move(context), options).run(std::move(main));
}

std::vector<UnitFunction> functions_of(const Unit& unit) {
    std::vector<UnitFunction> list;
    for (const auto& [path, code] : unit.entries) {
        const Span span = located(unit.sources, code->span);
        const Source& source = unit.sources[span.source];
        list.push_back({.path = path,
                        .parameters = code->parameters,
                        .is_test = code->is_test,
                        .is_async = code->is_async,
                        .line = position_of(source.text, span.start).line});
    }
    return list;
}

bool has_function(const Unit& unit, std::string_view path) {
    return unit.entries.contains(path);
}

std::string to_string(const Unit& unit, const RuntimeError& error) {
    const std::string text = error.to_string();
    if (error.trace.empty()) return text;
    const TraceEntry& at = error.trace.front();
    const auto source = std::find_if(
        unit.sources.begin(), unit.sources.end(),
        [&](const Source& one) { return one.expansion == nullptr && one.name == at.file; });
    if (source == unit.sources.end()) return text;
    Diagnostic place;
    place.file = at.file;
    place.line = at.line;
    place.column = at.column;
    place.span.end = at.length;
    show_line(place, *source, at.offset);
    const std::string message = RuntimeError{error.kind, error.message}.to_string();
    return message + place.place_to_string() + text.substr(message.size());
}

}  // namespace rb::rune

// Macros of the host: finding them, and parsing what they return in the place of the call.

#include "rune/syntax/expansion.hpp"

#include "rune/context.hpp"
#include "rune/parser/parser_core.hpp"

namespace rb::rune {

// Reads another source for as long as it lives.
class Parser::SourceSwitch {
public:
    SourceSwitch(Parser& parser, const Source& source, std::uint32_t number)
        : parser_(parser),
          source_(parser.source_),
          number_(parser.number_),
          tokens_(std::move(parser.tokens_)),
          at_(parser.at_) {
        if (parser.expansion_depth_ == 0) parser.expansion_at_ = at_;
        parser.source_ = &source;
        parser.number_ = number;
        parser.tokens_ = tokenize(source.text, number, parser.sink_);
        parser.at_ = 0;
        ++parser.expansion_depth_;
    }
    ~SourceSwitch() {
        parser_.source_ = source_;
        parser_.number_ = number_;
        parser_.tokens_ = std::move(tokens_);
        parser_.at_ = at_;
        --parser_.expansion_depth_;
    }
    SourceSwitch(const SourceSwitch&) = delete;
    SourceSwitch& operator=(const SourceSwitch&) = delete;

private:
    Parser& parser_;
    const Source* source_;
    std::uint32_t number_;
    std::vector<Token> tokens_;
    std::size_t at_;
};

namespace {

bool is_open(TokenKind kind) {
    return kind == TokenKind::open_brace || kind == TokenKind::open_paren ||
           kind == TokenKind::open_bracket || kind == TokenKind::hole_open;
}

bool is_close(TokenKind kind) {
    return kind == TokenKind::close_brace || kind == TokenKind::close_paren ||
           kind == TokenKind::close_bracket || kind == TokenKind::hole_close;
}

}  // namespace

// The imports of the source, read ahead because they may stand behind the macros they name. Tokens
// that a macro returned see those of the place it was called from.
const std::vector<Parser::MacroImport>& Parser::macro_imports() {
    if (imports_read_) return macro_imports_;
    imports_read_ = true;
    const std::size_t saved = at_;
    struct Group {
        std::size_t open;
        bool is_module;
    };
    // The whole source is a module.
    std::vector<Group> groups = {{0, true}};
    const auto close_group = [&](std::size_t at) {
        for (MacroImport& import : macro_imports_) {
            if (import.until == 0 && import.from == groups.back().open) import.until = at;
        }
    };
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
        if (is_open(tokens_[i].kind)) {
            const bool is_module = i >= 2 && tokens_[i - 2].kind == TokenKind::kw_mod;
            groups.push_back({i, is_module});
            if (is_module) module_groups_.push_back({i, tokens_.size()});
        } else if (is_close(tokens_[i].kind) && groups.size() > 1) {
            close_group(i);
            for (auto& [open, close] : module_groups_) {
                if (open == groups.back().open && groups.back().is_module) close = i;
            }
            groups.pop_back();
        } else if (tokens_[i].kind == TokenKind::kw_use) {
            std::size_t module = 0;
            for (const Group& group : groups) {
                if (group.is_module) module = group.open;
            }
            read_macro_import(i, groups.back().open, module);
        }
    }
    for (MacroImport& import : macro_imports_) {
        if (import.until == 0) import.until = tokens_.size();
    }
    at_ = saved;
    return macro_imports_;
}

void Parser::read_macro_import(std::size_t use, std::size_t from, std::size_t module) {
    at_ = use + 1;
    std::vector<UseLeaf> leaves;
    const int depth = depth_;
    // Mistakes are reported when the item itself is parsed.
    muted_ = true;
    try {
        const bool global = eat(TokenKind::colon_colon);
        use_tree({}, global, leaves);
    } catch (const SyntaxError&) {
        depth_ = depth;
        leaves.clear();
    }
    muted_ = false;
    for (const UseLeaf& leaf : leaves) {
        std::string path;
        for (const PathSegment& segment : leaf.path->segments) {
            path += "::";
            path += segment.text;
        }
        macro_imports_.push_back({.name = leaf.alias.text,
                                  .path = std::move(path),
                                  .glob = leaf.glob,
                                  .from = from,
                                  .module_from = module});
    }
}

// Full paths a macro path may mean, the nearest import first.
std::vector<std::string> Parser::macro_paths(const Path& path) {
    std::string rest;
    for (const PathSegment& segment : path.segments.subspan(1)) {
        rest += "::";
        rest += segment.text;
    }
    const std::string_view first = path.segments[0].text;
    std::vector<std::string> result;
    if (!path.global) {
        const auto& imports = macro_imports();
        const std::size_t at = expansion_depth_ == 0 ? at_ : expansion_at_;
        std::size_t module = 0;
        for (const auto& [open, close] : module_groups_) {
            if (open < at && at < close) module = std::max(module, open);
        }
        for (const bool glob : {false, true}) {
            for (std::size_t i = imports.size(); i-- > 0;) {
                const MacroImport& import = imports[i];
                const bool visible = (import.from == 0 || import.from < at) && at < import.until;
                if (!visible || import.module_from != module || import.glob != glob) continue;
                if (glob) {
                    result.push_back(import.path + "::" + std::string(first) + rest);
                } else if (import.name == first) {
                    result.push_back(import.path + rest);
                }
            }
        }
    }
    result.push_back("::" + std::string(first) + rest);
    return result;
}

const Macro* Parser::host_macro(const Path& path, MacroSort sort) {
    if (context_ == nullptr || !context_->has_macros()) return nullptr;
    for (const std::string& candidate : macro_paths(path)) {
        if (const Macro* macro = context_->macro(candidate, sort)) return macro;
    }
    return nullptr;
}

// Runs a macro and gives the number of the source that holds its result.
std::uint32_t Parser::run_macro(const Macro& macro, MacroCall& call) {
    if (sources_->size() >= sources_->capacity()) {
        fail_at(call.span, DiagnosticClass::limit, "too many macros are expanded");
    }
    TokenStream result;
    try {
        result = macro.body(call);
    } catch (const MacroError& error) {
        fail_at(error.span, DiagnosticClass::macro,
                "`" + std::string(call.name) + "!`: " + error.message);
    }
    Source source = expansion_source(std::string(call.name), call.span, result);
    expansion_bytes_ += source.text.size();
    if (expansion_bytes_ > source_bytes_max) {
        fail_at(call.span, DiagnosticClass::limit, "macros make too much text");
    }
    sources_->push_back(std::move(source));
    return static_cast<std::uint32_t>(sources_->size() - 1);
}

// `at_` stands on the opening bracket.
Expr* Parser::expand(const Macro& macro, const Path& path) {
    const DepthGuard guard(*this);
    const std::uint32_t start = path.span.start;
    const std::size_t open = at_;
    skip_group();
    if (!is_close(tokens_[at_ - 1].kind)) {
        fail_at(span(tokens_[open]), DiagnosticClass::syntax, "this macro call is never closed");
    }
    MacroCall call{.name = shown_path(path),
                   .tokens = macro_tokens(source_->text, number_, tokens_, open + 1, at_ - 1),
                   .item = {},
                   .span = span_from(start)};
    const std::uint32_t number = run_macro(macro, call);
    const SourceSwitch source(*this, (*sources_)[number], number);
    Block* body = open_block();
    statements(body, TokenKind::end);
    if (body->statements.empty() && body->items.empty() && body->tail != nullptr) {
        // A value alone needs no block, but is one operand whatever it is made of.
        auto* group = make<UnaryExpr>(ExprKind::group, 0);
        group->operand = body->tail;
        group->assigns = body->tail->assigns;
        return finish(group);
    }
    auto* expr = make<BlockExpr>(ExprKind::block, 0);
    expr->block = body;
    expr->assigns = true;
    return finish(expr);
}

Span Parser::located(Span where) const {
    return sources_ == nullptr ? where : rune::located(*sources_, where);
}

std::string_view Parser::shown_path(const Path& path) {
    std::string text = path.global ? "::" : "";
    for (std::size_t i = 0; i < path.segments.size(); ++i) {
        if (i > 0) text += "::";
        text += path.segments[i].text;
    }
    return arena_.keep(std::move(text));
}

// Moves behind the item that begins here: to its `;`, or its braces where it ends with them.
void Parser::skip_item() {
    bool ends_with_braces = true;
    while (!at(TokenKind::end)) {
        switch (peek().kind) {
            case TokenKind::kw_use:
            case TokenKind::kw_static:
                ends_with_braces = false;
                break;
            case TokenKind::kw_const:
                ends_with_braces =
                    peek(1).kind == TokenKind::kw_fn || peek(1).kind == TokenKind::kw_async;
                break;
            case TokenKind::semicolon:
                next();
                return;
            case TokenKind::close_brace:
                return;
            case TokenKind::open_brace:
                skip_group();
                if (ends_with_braces) return;
                continue;
            case TokenKind::open_paren:
            case TokenKind::open_bracket:
                skip_group();
                continue;
            default:
                break;
        }
        next();
    }
}

// Whether the attribute whose `#` is at `from` is a macro; `at_` stands behind it.
bool Parser::attribute_macro(Attributes& found, std::size_t from) {
    // `#` `[` path … `]`
    const std::size_t end = at_ - 1;
    std::vector<PathSegment> segments;
    std::size_t at = from + 2;
    while (at < end && tokens_[at].kind == TokenKind::identifier) {
        segments.push_back({text(tokens_[at]), span(tokens_[at]), {}});
        ++at;
        if (at >= end || tokens_[at].kind != TokenKind::colon_colon) break;
        ++at;
    }
    if (segments.empty()) return false;
    Path path{.span = found.span, .segments = segments};
    const Macro* macro = host_macro(path, MacroSort::attribute);
    if (macro == nullptr) return false;
    const bool bracketed = at < end && is_open(tokens_[at].kind) && is_close(tokens_[end - 1].kind);
    found.macro =
        AttributeMacro{.macro = macro,
                       .name = shown_path(path),
                       .tokens = macro_tokens(source_->text, number_, tokens_,
                                              bracketed ? at + 1 : at, bracketed ? end - 1 : end),
                       .span = found.span,
                       .from = from};
    return true;
}

// `first` is where the item's attributes begin, `attribute` where this one does; `at_` stands
// behind it.
Item* Parser::expand_attribute(const AttributeMacro& found, std::size_t first, bool in_impl) {
    const DepthGuard guard(*this);
    const std::size_t behind = at_;
    while (at(TokenKind::pound) || at(TokenKind::outer_doc)) {
        if (eat(TokenKind::pound)) {
            skip_group();
        } else {
            next();
        }
    }
    skip_item();
    TokenStream item = macro_tokens(source_->text, number_, tokens_, first, found.from);
    item += macro_tokens(source_->text, number_, tokens_, behind, at_);
    MacroCall call{
        .name = found.name, .tokens = found.tokens, .item = std::move(item), .span = found.span};
    const std::uint32_t number = run_macro(*found.macro, call);
    const SourceSwitch source(*this, (*sources_)[number], number);
    Item* result = this->item(in_impl);
    eat(TokenKind::semicolon);
    if (!at(TokenKind::end)) {
        fail_at(found.span, DiagnosticClass::macro,
                "`" + std::string(found.name) + "` must return exactly one item");
    }
    return result;
}

}  // namespace rb::rune

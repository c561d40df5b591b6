#include "plugin/encoding/xml.hpp"

#include "plugin/limits.hpp"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <memory>

namespace rb::plugin {

namespace {

using ParserContext = std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)>;
using Document = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

std::string_view text_of(const xmlChar* text) {
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

std::string qualified_name(const xmlChar* name, const xmlNs* space) {
    std::string out;
    if (space != nullptr && space->prefix != nullptr)
        out = std::string(text_of(space->prefix)) + ":";
    return out.append(text_of(name));
}

Json attributes_of(const xmlNode& node) {
    Json attributes = Json::object();
    for (const auto* attribute = node.properties; attribute != nullptr;
         attribute = attribute->next) {
        std::string value;
        for (const auto* part = attribute->children; part != nullptr; part = part->next) {
            value.append(text_of(part->content));
        }
        attributes[qualified_name(attribute->name, attribute->ns)] = value;
    }
    return attributes;
}

Result<Json> element_of(const xmlNode& node, int depth) {
    if (depth > xml_depth_max) return invalid_field("text", "XML nests too deep");
    Json children = Json::array();
    std::string text;
    for (const auto* child = node.children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) children.push_back(TRY(element_of(*child, depth + 1)));
        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
            text.append(text_of(child->content));
        }
    }
    Json element = Json::object();
    element["name"] = qualified_name(node.name, node.ns);
    element["attributes"] = attributes_of(node);
    element["text"] = std::move(text);
    element["children"] = std::move(children);
    return as_result(std::move(element));
}

bool is_name(std::string_view name) {
    if (name.empty()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                            c == ':' || static_cast<unsigned char>(c) >= 0x80;
        const bool later = (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!letter && (i == 0 || !later)) return false;
    }
    return true;
}

// Production [2] of XML 1.0: no controls but these three, and not the two non-characters. Scripts'
// texts are UTF-8.
bool is_xml_text(std::string_view text) {
    const auto is_forbidden = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    };
    return std::ranges::none_of(text, is_forbidden) &&
           text.find("\xEF\xBF\xBE") == std::string_view::npos &&
           text.find("\xEF\xBF\xBF") == std::string_view::npos;
}

// A line break or a tab that stands bare in an attribute is read as a space (XML 1.0, 3.3.3).
std::string escape_attribute(std::string_view text) {
    std::string out;
    for (const char c : xml_escape(text)) {
        if (c == '\n' || c == '\t') {
            out += c == '\n' ? "&#10;" : "&#9;";
        } else {
            out += c;
        }
    }
    return out;
}

Result<> write_element(const Json& element, std::string& out, int depth) {
    if (depth > xml_depth_max) return invalid_field("element", "nests too deep");
    if (!element.is_object() || !element.contains("name") || !element["name"].is_string()) {
        return invalid_field("element", "must be an object with a name");
    }
    const auto name = element["name"].get<std::string>();
    if (!is_name(name)) return invalid_field("name", "is not an XML name");
    out += "<" + name;
    if (const auto found = element.find("attributes"); found != element.end()) {
        for (const auto& [key, value] : found->items()) {
            if (!is_name(key) || !value.is_string()) {
                return invalid_field("attributes", "must map XML names to texts");
            }
            const auto text = value.get<std::string>();
            if (!is_xml_text(text)) {
                return invalid_field(key, "holds a character that XML cannot carry");
            }
            out += " " + key + "=\"" + escape_attribute(text) + "\"";
        }
    }
    out += ">";
    if (const auto found = element.find("text"); found != element.end()) {
        if (!found->is_string()) return invalid_field("text", "must be a text");
        const auto text = found->get<std::string>();
        if (!is_xml_text(text)) {
            return invalid_field("text", "holds a character that XML cannot carry");
        }
        out += xml_escape(text);
    }
    if (const auto found = element.find("children"); found != element.end()) {
        for (const auto& child : *found) TRY(write_element(child, out, depth + 1));
    }
    out += "</" + name + ">";
    return {};
}

// Names of attributes in the tag that begins here. No '<' stands in a tag, so it ends at the next.
std::size_t attributes_in(std::string_view tag) {
    // A comment, CDATA or an instruction is no element, and holds what it likes.
    if (tag.starts_with("<!") || tag.starts_with("<?")) return 0;
    std::size_t count = 0;
    char quote = '\0';
    for (const char c : tag) {
        if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            break;
        } else if (c == '=') {
            ++count;
        }
    }
    return count;
}

// Before anything is read: libxml2 has no bound for either.
Result<> check_tags(std::string_view text) {
    std::size_t tags = 0;
    for (auto at = text.find('<'); at != std::string_view::npos;) {
        const auto next = text.find('<', at + 1);
        if (++tags > xml_tags_max) return Error{ErrorCode::too_large, "text: XML of too many tags"};
        if (attributes_in(text.substr(at, next - at)) > xml_attributes_max) {
            return Error{ErrorCode::too_large, "text: an XML element of too many attributes"};
        }
        at = next;
    }
    return {};
}

}  // namespace

Result<Json> xml_parse(std::string_view text) {
    if (text.size() > xml_bytes_max) return Error{ErrorCode::too_large, "text: XML too large"};
    // libxml2 substitutes what a DTD declares; without a DTD there is nothing to substitute.
    if (text.find("<!DOCTYPE") != std::string_view::npos) {
        return invalid_field("text", "a document type declaration is not taken");
    }
    // Read as UTF-16 or UTF-32, the text could hold one after all.
    if (text.find('\0') != std::string_view::npos) {
        return invalid_field("text", "is not well-formed XML: it holds a NUL");
    }
    TRY(check_tags(text));
    const ParserContext parser(xmlNewParserCtxt(), xmlFreeParserCtxt);
    const Document document(
        xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()), nullptr,
                          nullptr,
                          // What came in another encoding was decoded before it became a text.
                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                              XML_PARSE_NOCDATA | XML_PARSE_IGNORE_ENC),
        xmlFreeDoc);
    const auto* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (root == nullptr || parser->wellFormed == 0 || document->intSubset != nullptr) {
        return invalid_field(
            "text", "is not well-formed XML (line " + std::to_string(parser->lastError.line) + ")");
    }
    return element_of(*root, 1);
}

Result<std::string> xml_write(const Json& element) {
    std::string out;
    TRY(write_element(element, out, 1));
    return out;
}

std::string xml_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&apos;";
                break;
            case '\r':  // bare, it is read as a line feed
                out += "&#13;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace rb::plugin
